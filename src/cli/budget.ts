/** `dxo budget`: the request budget of an account, now or live: what is used, who waits, whose turn comes when. */
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import type { Budget } from '../client/read-budget.js';
import { withExamples, withJson } from './command-options.js';
import { print, printJson } from './terminal.js';

const LIVE_INTERVAL_MS = 1_000;

interface BudgetFlags {
  account: string;
  watch?: true;
  json?: true;
}

export function budgetCommand(): Command {
  const command = new Command('budget')
    .description("Show an account's request budget: what is used, what others use, who waits, whose turn comes when.")
    .option('--account <name>', "the account's name in the worker's settings", 'default')
    .option('--watch', 'live until Ctrl-C: in place on a terminal, else a line a second')
    .action(showBudget);
  return withExamples(withJson(command), 'dxo budget', 'dxo budget --account acme --watch');
}

async function showBudget({ account, watch, json }: BudgetFlags): Promise<void> {
  const [{ openSessionForJobs }, { readBudget }, { renderBudget }, { openLiveView }] = await Promise.all([
    import('./session.js'),
    import('../client/read-budget.js'),
    import('./render-budget.js'),
    import('./budget-view.js'),
  ]);
  const session = await openSessionForJobs(process.cwd(), process.env);
  if (session === undefined) {
    if (json) printJson({ account });
    else print('no budget: nothing was started in this folder (it has no .dxo), and TEMPORAL_ADDRESS is not set');
    return;
  }
  try {
    const show = json ? printJson : watch ? openLiveView() : (now: Budget) => print(renderBudget(now, Date.now()));
    do {
      show((await readBudget(session.client.temporal, account)) ?? { account });
      if (watch) await delay(LIVE_INTERVAL_MS);
    } while (watch);
  } finally {
    await session.close();
  }
}
