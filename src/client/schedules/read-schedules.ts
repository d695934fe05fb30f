/**
 * From the text of a schedules file to its schedules, or to everything that is wrong with it, each fault with its line:
 * YAML, schema, templates, two of one name. A file with a fault gives nothing, so nothing of it is ever applied.
 * Requests are kept as they were written, since a person reads them in the Web UI; defaults are the worker's.
 */
import { resolve } from 'node:path';
import { type Document, isAlias, isCollection, isMap, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { describeIssue } from '../../contract/describe-issue.js';
import { InputError } from '../../contract/input-error.js';
import { REQUEST_BYTES_MAX } from '../../contract/limits.js';
import { WORKFLOW_TYPES, type WorkflowType } from '../../contract/messages.js';
import { type ScheduleEntry, schedulesFileSchema } from '../../contract/schedules.js';
import { templateFaults } from '../../contract/template.js';
import { DEFAULT_TIME_ZONE } from '../../contract/wall-clock.js';

export interface ScheduleBook {
  book: string;
  schedules: ScheduleEntry[];
}

const REAP: WorkflowType = 'reap';

interface Fault {
  path: readonly PropertyKey[];
  message: string;
}

/**
 * @param source what the text is called in messages: the file's name
 * @param folder what relative paths count from; without one they are faults, since a fleet's worker has folders of its own
 * @throws InputError that lists every fault with its line
 */
export function readSchedules(text: string, source: string, folder?: string): ScheduleBook {
  const bytes = Buffer.byteLength(text);
  if (bytes > REQUEST_BYTES_MAX) {
    throw new InputError('request_invalid', `${source} has ${bytes} bytes; at most ${REQUEST_BYTES_MAX} are read.`);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineOf = (offset: number): number => lines.linePos(offset).line;
  if (document.errors.length > 0) {
    throw faulty(
      source,
      document.errors.map(({ pos, message }) => `line ${lineOf(pos[0])}: ${message}`),
    );
  }
  const raw = plainOf(document, source);
  const parsed = schedulesFileSchema.safeParse(raw);
  const faults = [
    ...(parsed.success ? [] : parsed.error.issues.flatMap((issue) => faultsOf(issue, raw))),
    ...furtherFaults(raw, folder),
  ];
  if (!parsed.success || faults.length > 0) {
    const placed = faults.map((fault) => ({ ...fault, line: lineOf(offsetOf(document, fault.path)) }));
    placed.sort((a, b) => a.line - b.line);
    throw faulty(
      source,
      placed.map(({ line, path, message }) => `line ${line}: ${placeOf(raw, path)}${message}`),
    );
  }
  const written = rawSchedulesOf(raw);
  return {
    book: parsed.data.book,
    schedules: parsed.data.schedules.map((entry, index) => ({
      ...entry,
      run: writtenRunOf(written[index]!, entry.timeZone, folder),
    })),
  };
}

function plainOf(document: Document, source: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // Aliases of aliases of aliases: a small text that is a huge document.
    throw faulty(source, [(error as Error).message]);
  }
}

/** `nightly: run.train.table.uri: `, by name where the schedule has one. */
function placeOf(raw: unknown, path: readonly PropertyKey[]): string {
  const [first, index, ...rest] = path;
  const schedule = first === 'schedules' && index !== undefined ? rawSchedulesOf(raw)[Number(index)] : undefined;
  const isNamed = isObject(schedule) && typeof schedule.name === 'string';
  const parts = isNamed ? [schedule.name, rest.join('.')] : [path.join('.')];
  return parts.map((part) => (part === '' ? '' : `${part}: `)).join('');
}

function faulty(source: string, faults: readonly string[]): InputError {
  const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`;
  return new InputError(
    'request_invalid',
    [`${source} has ${count}; nothing is applied:`, ...faults.map((fault) => `  ${fault}`)].join('\n'),
  );
}

/** A misspelt name is shown where it stands, not where its object begins. */
function faultsOf(issue: z.core.$ZodIssue, raw: unknown): Fault[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: describeIssue(issue, raw) }];
  return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'there is no such name' }));
}

/** What the schema does not see. Of a document that may be wrong in any way. */
function furtherFaults(raw: unknown, folder: string | undefined): Fault[] {
  const schedules = rawSchedulesOf(raw);
  const names = schedules.map((schedule) => (isObject(schedule) ? schedule.name : undefined));
  return schedules.flatMap((schedule, index) => {
    if (!isObject(schedule)) return [];
    const at = ['schedules', index];
    const isTwice = schedule.name !== undefined && names.indexOf(schedule.name) !== index;
    const twice = isTwice ? [{ path: [...at, 'name'], message: 'another schedule has this name' }] : [];
    const templates = templateFaults(schedule.run).map(({ param, message }) => ({
      path: [...at, 'run', ...param.split('.')],
      message,
    }));
    return [...twice, ...templates, ...(folder === undefined ? relativePaths(schedule.run, [...at, 'run']) : [])];
  });
}

function relativePaths(value: unknown, path: readonly PropertyKey[]): Fault[] {
  if (isObject(value)) return Object.entries(value).flatMap(([name, member]) => relativePaths(member, [...path, name]));
  if (path.at(-1) !== 'uri' || typeof value !== 'string' || !isRelative(value)) return [];
  return [{ path, message: 'a relative path, and the workers have folders of their own: give an absolute path' }];
}

/** The request as it was written, with what the schedule knows: whole paths, and the zone of its templates. */
function writtenRunOf(schedule: unknown, timeZone: string, folder: string | undefined): ScheduleEntry['run'] {
  const run = (schedule as { run: Record<string, Record<string, unknown>> }).run;
  const [kind = '', request] =
    Object.entries(run).find(([name]) => (WORKFLOW_TYPES as readonly string[]).includes(name)) ?? [];
  // A reap has no templates.
  const zone = timeZone === DEFAULT_TIME_ZONE || kind === REAP ? {} : { timeZone };
  return { [kind]: withWholePaths({ ...zone, ...request }, folder) } as ScheduleEntry['run'];
}

function withWholePaths(value: unknown, folder: string | undefined): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name === 'uri' && typeof member === 'string' && isRelative(member) && folder !== undefined
        ? resolve(folder, member)
        : withWholePaths(member, folder),
    ]),
  );
}

/** `artifact:` and the like are no paths. */
const isRelative = (uri: string): boolean => uri !== '' && !uri.startsWith('/') && !/^[a-z][a-z0-9+.-]*:/i.test(uri);

/** Of the name or value at the path, or of the nearest thing around it that is there. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node = document.contents as Node | null;
  let offset = node?.range?.[0] ?? 0;
  for (const name of path) {
    const within: Node | null | undefined = isAlias(node) ? node.resolve(document) : node;
    if (isMap(within)) {
      const pair = within.items.find(({ key }) => isScalar(key) && key.value === name);
      const key = pair?.key as Node | undefined;
      offset = key?.range?.[0] ?? offset;
      node = (pair?.value as Node | null | undefined) ?? null;
    } else if (isCollection(within)) {
      node = (within.items[Number(name)] as Node | undefined) ?? null;
      offset = node?.range?.[0] ?? offset;
    } else {
      break;
    }
  }
  return offset;
}

function rawSchedulesOf(raw: unknown): unknown[] {
  return isObject(raw) && Array.isArray(raw.schedules) ? raw.schedules : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
