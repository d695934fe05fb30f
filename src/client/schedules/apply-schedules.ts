/**
 * Makes the server as a plan says, schedule by schedule, and says what became of each. Between plan and apply somebody
 * may have changed one: then that one is left as it is. The server drops an update whose conflict token is old without a
 * word (measured), so that what was written is read again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, ScheduleAlreadyRunning, type ScheduleDescription } from '@temporalio/client';
import {
  compileScheduleOptions,
  encodeScheduleAction,
  encodeSchedulePolicies,
  encodeScheduleSpec,
  encodeScheduleState,
} from '@temporalio/client/lib/schedule-helpers.js';
import { InputError } from '../../contract/input-error.js';
import { BOOK_MEMO, type ScheduleEntry } from '../../contract/schedules.js';
import { writtenScheduleOf } from './definition.js';
import {
  changeOf,
  describeSchedule,
  ownerOf,
  PAUSED_BY_FILE,
  type ScheduleChange,
  type SchedulePlan,
} from './plan-schedules.js';

export interface ApplyOptions {
  /** Ends pauses that operators, or failed runs, made. */
  resume?: boolean | undefined;
  /** Names of the file that somebody else's schedules have: those are deleted, and made anew as the file's. */
  takeOver?: readonly string[] | undefined;
}

export interface AppliedSchedule {
  name: string;
  outcome: 'created' | 'updated' | 'removed' | 'unchanged' | 'resumed' | 'refused';
  /** Why it was refused. */
  message?: string | undefined;
}

/** How long an update may take to be seen, and how often it is looked for. */
const SEEN_MS_MAX = 3_000;
const LOOK_MS = 50;
const CHANGED_MEANWHILE = 'it was changed by somebody after the plan was made; plan again';

/** @throws InputError, before anything is changed, for names that are taken and not to be taken over */
export async function applySchedules(
  client: Client,
  { book, changes }: SchedulePlan,
  { resume = false, takeOver = [] }: ApplyOptions = {},
): Promise<AppliedSchedule[]> {
  const taken = changes.filter(({ action, name }) => action === 'conflict' && !takeOver.includes(name));
  if (taken.length > 0) {
    const names = taken.map(({ name }) => name).join(', ');
    throw new InputError(
      'request_invalid',
      `Nothing was applied: ${names} ${taken.length === 1 ? 'is a schedule' : 'are schedules'} that this book did not make. Rename, or replace with --take-over <name>.`,
      'name',
    );
  }
  const applied: AppliedSchedule[] = [];
  for (const change of changes) {
    const outcome = await applyChange(client, book, change).catch((error: Error) => refusalOf(error));
    const isHeld = 'pause' in change && change.pause !== undefined && outcome.outcome !== 'refused';
    if (resume && isHeld) {
      await client.schedule.getHandle(change.name).unpause(change.entry.note ?? 'resumed with its schedules file');
    }
    applied.push({ name: change.name, ...outcome, ...(resume && isHeld ? { outcome: 'resumed' } : {}) });
  }
  return applied;
}

type Outcome = Omit<AppliedSchedule, 'name'>;

function applyChange(client: Client, book: string, change: ScheduleChange): Promise<Outcome> {
  switch (change.action) {
    case 'create':
      return create(client, book, change.entry);
    case 'update':
      return update(client, book, change.entry, change.description);
    case 'remove':
      return remove(client, book, change.description);
    case 'conflict':
      return replace(client, book, change.entry);
    case 'none':
      return Promise.resolve({ outcome: 'unchanged' });
    default:
      return change satisfies never;
  }
}

async function create(client: Client, book: string, entry: ScheduleEntry): Promise<Outcome> {
  await client.schedule.create({
    scheduleId: entry.name,
    ...writtenScheduleOf(entry),
    memo: { [BOOK_MEMO]: book },
    state: { paused: entry.paused, note: noteOf(entry) },
  });
  return { outcome: 'created' };
}

/** Like the SDK's update, with the conflict token that it leaves out. */
async function update(
  client: Client,
  book: string,
  entry: ScheduleEntry,
  before: ScheduleDescription,
): Promise<Outcome> {
  const { namespace, identity, loadedDataConverter } = client.options;
  const { spec, policies, action } = compileScheduleOptions({ scheduleId: entry.name, ...writtenScheduleOf(entry) });
  const { paused, note } = before.state;
  const isFilesPause = paused && note?.startsWith(PAUSED_BY_FILE) === true;
  const state = paused && !isFilesPause ? { paused, note } : { paused: entry.paused, note: noteOf(entry) };
  await client.workflowService.updateSchedule({
    namespace,
    identity,
    requestId: crypto.randomUUID(),
    scheduleId: entry.name,
    conflictToken: before.raw.conflictToken ?? null,
    schedule: {
      spec: encodeScheduleSpec(spec),
      action: await encodeScheduleAction(
        loadedDataConverter,
        namespace,
        action,
        before.raw.schedule?.action?.startWorkflow?.header?.fields ?? {},
      ),
      policies: encodeSchedulePolicies(policies),
      state: encodeScheduleState(state),
    },
  });
  return (await isSeen(client, book, entry, tokenOf(before)))
    ? { outcome: 'updated' }
    : { outcome: 'refused', message: CHANGED_MEANWHILE };
}

async function isSeen(client: Client, book: string, entry: ScheduleEntry, tokenBefore: string): Promise<boolean> {
  const deadlineMs = Date.now() + SEEN_MS_MAX;
  for (;;) {
    const description = await describeSchedule(client, entry.name);
    if (description === undefined) return false;
    if (changeOf(book, entry, description).action === 'none') return true;
    // Another token, and not what was written: somebody's change came before ours, or after it.
    if (tokenOf(description) !== tokenBefore || Date.now() > deadlineMs) return false;
    await delay(LOOK_MS);
  }
}

/** Deleting takes no conflict token, so the last look is right before it. */
async function remove(client: Client, book: string, before: ScheduleDescription): Promise<Outcome> {
  const description = await describeSchedule(client, before.scheduleId);
  if (description === undefined) return { outcome: 'removed' };
  if (ownerOf(description) !== book || tokenOf(description) !== tokenOf(before)) {
    return { outcome: 'refused', message: CHANGED_MEANWHILE };
  }
  await client.schedule.getHandle(before.scheduleId).delete();
  return { outcome: 'removed' };
}

/** Whose a schedule is cannot be changed on the server ("memo updates are not supported"), so another takes its place. */
async function replace(client: Client, book: string, entry: ScheduleEntry): Promise<Outcome> {
  await client.schedule.getHandle(entry.name).delete();
  return create(client, book, entry);
}

function refusalOf(error: Error): Outcome {
  if (error instanceof ScheduleAlreadyRunning) return { outcome: 'refused', message: CHANGED_MEANWHILE };
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return { outcome: 'refused', message: `${error.message}${cause}` };
}

/** What people see beside the schedule until somebody pauses or resumes it. */
function noteOf({ paused, note }: ScheduleEntry): string {
  return [...(paused ? [PAUSED_BY_FILE] : []), ...(note === undefined ? [] : [note])].join(': ');
}

const tokenOf = ({ raw }: ScheduleDescription): string => Buffer.from(raw.conflictToken ?? []).toString('hex');
