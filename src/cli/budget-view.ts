/** A request budget live on stdout: on a terminal drawn anew in place, elsewhere a line each time. */
import type { Budget } from '../client/read-budget.js';
import { columnsOf, openRedraw } from './redraw.js';
import { describeBudget, renderBudget } from './render-budget.js';
import { print } from './terminal.js';

export function openLiveView(stream: NodeJS.WriteStream = process.stdout): (budget: Budget) => void {
  if (!stream.isTTY) return (budget) => print(lineOf(budget, new Date()));
  const draw = openRedraw(stream);
  return (budget) => {
    const lines = renderBudget(budget, Date.now()).split('\n');
    draw(lines.map((line) => line.slice(0, columnsOf(stream) - 1)));
  };
}

function lineOf(budget: Budget, now: Date): string {
  const { state } = budget;
  const said = state === undefined ? renderBudget(budget, now.getTime()) : describeBudget(state, now.getTime());
  return `${now.toISOString().slice(11, 19)}  ${said}`;
}
