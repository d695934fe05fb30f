/** `dxo schedules trigger|backfill|pause|resume|delete`: one schedule, by its name. Who names it means it. */
import type { Client } from '@temporalio/client';
import {
  backfillSchedule,
  deleteSchedule,
  pauseSchedule,
  resumeSchedule,
  triggerSchedule,
  unknownSchedule,
} from '../client/schedules/steer-schedule.js';
import { reaching } from '../client/unavailable.js';
import { InputError } from '../contract/input-error.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { isConfirmed } from './schedules-text.js';
import { openSessionForJobs } from './session.js';
import { note, print, printJson } from './terminal.js';

interface NoteFlags {
  note?: string;
  json?: true;
}

export function trigger(name: string, { json }: { json?: true }): Promise<ExitCode> {
  return steer(name, json, async (client) => {
    const job = await triggerSchedule(client, name);
    return { triggered: true, ...(job === undefined ? {} : { job }) };
  });
}

export function backfill(name: string, flags: { from: string; to: string; json?: true }): Promise<ExitCode> {
  const [from, to] = [instantOf(flags.from, 'from'), instantOf(flags.to, 'to')];
  return steer(name, flags.json, async (client) => ({ backfilled: await backfillSchedule(client, name, from, to) }));
}

export function pause(name: string, { note: said = 'paused with dxo', json }: NoteFlags): Promise<ExitCode> {
  return steer(name, json, async (client) => {
    await pauseSchedule(client, name, said);
    return { paused: true };
  });
}

export function resume(name: string, { note: said = 'resumed with dxo', json }: NoteFlags): Promise<ExitCode> {
  return steer(name, json, async (client) => {
    await resumeSchedule(client, name, said);
    return { paused: false };
  });
}

export async function remove(name: string, { yes, json }: { yes?: true; json?: true }): Promise<ExitCode> {
  if (!yes && !(await isConfirmed(`Delete the schedule ${name}?`))) {
    note('nothing was deleted');
    return EXIT.done;
  }
  return steer(name, json, async (client) => {
    await deleteSchedule(client, name);
    return { deleted: true };
  });
}

/** Where nothing was ever started there is no schedule either. */
async function steer(
  name: string,
  json: true | undefined,
  act: (client: Client) => Promise<Record<string, unknown>>,
): Promise<ExitCode> {
  const session = await openSessionForJobs(process.cwd(), process.env);
  if (session === undefined) throw unknownSchedule(name);
  try {
    const done = await reaching(`reach the schedule ${name}`, () => act(session.client.temporal));
    if (json) printJson({ name, ...done });
    else print(`${name}  ${sentenceOf(done)}`);
    return EXIT.done;
  } finally {
    await session.close();
  }
}

function sentenceOf(done: Record<string, unknown>): string {
  if ('paused' in done) return done.paused ? 'paused' : 'resumed';
  if ('triggered' in done) return done.job === undefined ? 'triggered' : `triggered: ${done.job}`;
  const [[verb, what] = ['', undefined]] = Object.entries(done);
  return Array.isArray(what) ? `${verb}: ${what.map((at: Date) => at.toISOString()).join(', ')}` : verb;
}

/** @throws InputError */
function instantOf(text: string, option: string): Date {
  const at = new Date(text);
  // A date alone is UTC; a time without a zone would be this machine's, which is nobody's business.
  if (!Number.isNaN(at.getTime()) && /^\d{4}-\d{2}-\d{2}(T.*(Z|[+-]\d{2}:\d{2}))?$/.test(text)) return at;
  throw new InputError(
    'request_invalid',
    `--${option} must be a date, or an instant with its zone, such as 2026-11-20T02:30:00Z.`,
    option,
  );
}
