/**
 * What would have to change on the server for it to be as the file says; changes nothing. Whose a schedule is, its memo
 * says, never its name: what others made is shown and left alone. A pause is an operator's: it is no difference, unless
 * the file itself wants it or made it.
 */
import { type Client, type ScheduleDescription, ScheduleNotFoundError, type ScheduleSummary } from '@temporalio/client';
import { WORKFLOW_TYPES } from '../../contract/messages.js';
import { BOOK_MEMO, type ScheduleEntry } from '../../contract/schedules.js';
import { definitionOf, describedDefinitionOf, type ScheduleDefinition } from './definition.js';
import type { ScheduleBook } from './read-schedules.js';

export interface FieldChange {
  field: string;
  /** Unset where there was nothing, or where nothing is left. */
  from?: string | undefined;
  to?: string | undefined;
}

export type ScheduleChange =
  | { action: 'create'; name: string; entry: ScheduleEntry }
  | {
      action: 'update';
      name: string;
      entry: ScheduleEntry;
      changes: FieldChange[];
      description: ScheduleDescription;
      pause?: string | undefined;
    }
  /** `pause`: an operator's note, or Temporal's, where it is paused and the file does not say so. */
  | { action: 'none'; name: string; entry: ScheduleEntry; description: ScheduleDescription; pause?: string | undefined }
  /** In the book, and not in the file any more. */
  | { action: 'remove'; name: string; description: ScheduleDescription }
  /** In the file, but somebody else's schedule has the name. */
  | { action: 'conflict'; name: string; entry: ScheduleEntry; owner: string | undefined };

export interface SchedulePlan {
  book: string;
  changes: ScheduleChange[];
  /** Made by hand (no owner) or by another book. */
  foreign: { name: string; owner: string | undefined }[];
}

/** What apply notes when it is the file that pauses; so apply may end that pause, and no other. */
export const PAUSED_BY_FILE = 'paused by its schedules file';

/** @param client none where no server runs yet, so that nothing is on it */
export async function planSchedules(
  client: Client | undefined,
  { book, schedules }: ScheduleBook,
): Promise<SchedulePlan> {
  if (client === undefined) {
    return { book, changes: schedules.map((entry) => ({ action: 'create', name: entry.name, entry })), foreign: [] };
  }
  const changes: ScheduleChange[] = [];
  for (const entry of schedules) {
    const description = await describeSchedule(client, entry.name);
    changes.push(
      description === undefined ? { action: 'create', name: entry.name, entry } : changeOf(book, entry, description),
    );
  }
  const named = new Set(schedules.map(({ name }) => name));
  const foreign: SchedulePlan['foreign'] = [];
  for (const { scheduleId: name, memo } of await listedSchedules(client)) {
    if (named.has(name)) continue;
    const owner = ownerOf({ memo });
    if (owner !== book) {
      foreign.push({ name, owner });
      continue;
    }
    // The list lags behind; the description does not.
    const description = await describeSchedule(client, name);
    if (description !== undefined) changes.push({ action: 'remove', name, description });
  }
  return { book, changes, foreign };
}

/** Nothing to do: neither differences nor names that somebody else has. */
export function isUpToDate({ changes }: SchedulePlan): boolean {
  return changes.every(({ action }) => action === 'none');
}

/** The book that a schedule belongs to; undefined where somebody made it by hand. */
export function ownerOf({ memo }: Pick<ScheduleDescription, 'memo'>): string | undefined {
  const owner = memo?.[BOOK_MEMO];
  return typeof owner === 'string' ? owner : undefined;
}

/** Undefined where there is none. */
export async function describeSchedule(client: Client, name: string): Promise<ScheduleDescription | undefined> {
  try {
    return await client.schedule.getHandle(name).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

export function changeOf(book: string, entry: ScheduleEntry, description: ScheduleDescription): ScheduleChange {
  const { name } = entry;
  const owner = ownerOf(description);
  if (owner !== book) return { action: 'conflict', name, entry, owner };
  const { paused, note } = description.state;
  const isFilesPause = paused && note?.startsWith(PAUSED_BY_FILE) === true;
  const differs = paused ? isFilesPause && !entry.paused : entry.paused;
  const changes = [
    ...differencesOf(describedDefinitionOf(description), definitionOf(entry)),
    ...(differs ? [{ field: 'paused', from: String(paused), to: String(entry.paused) }] : []),
  ];
  const pause = paused && !entry.paused && !isFilesPause ? { pause: note ?? '' } : {};
  if (changes.length === 0) return { action: 'none', name, entry, description, ...pause };
  return { action: 'update', name, entry, changes, description, ...pause };
}

function differencesOf(is: ScheduleDefinition, shall: ScheduleDefinition): FieldChange[] {
  const fields = [...new Set([...Object.keys(shall), ...Object.keys(is)])];
  return fields
    .filter((field) => is[field] !== shall[field])
    .map((field) => ({ field, from: is[field], to: shall[field] }));
}

/** Those that start jobs of ours, by name; what else runs in the namespace is not our business. */
export async function listedSchedules(client: Client): Promise<ScheduleSummary[]> {
  const ours: ScheduleSummary[] = [];
  for await (const summary of client.schedule.list()) {
    if (WORKFLOW_TYPES.some((type) => type === summary.action?.workflowType)) ours.push(summary);
  }
  return ours.sort((a, b) => (a.scheduleId < b.scheduleId ? -1 : 1));
}
