/** Words for schedules that several commands print: times in a zone, and what a person is asked before a change. */
import { createInterface } from 'node:readline/promises';
import { wallMsOf } from '../contract/wall-clock.js';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** `Tue 2026-11-24 02:30`, as the clocks of the zone show it; with seconds where there are some. */
export function wallTextOf(at: Date, timeZone: string): string {
  const wall = new Date(wallMsOf(at.getTime(), timeZone));
  const text = wall.toISOString().slice(0, 19).replace('T', ' ');
  return `${DAYS[wall.getUTCDay()]} ${text.endsWith(':00') ? text.slice(0, -3) : text}`;
}

/** Nobody to ask is a yes: a command in a pipe says what it does by being there. */
export async function isConfirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return true;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}
