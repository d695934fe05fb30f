/**
 * Reads a batch's manifest and writes its items as artifacts, each a whole request. Everything that can be found wrong
 * without opening a table is found here, before anything is started, and all of it is told: faults are a result, since a
 * failure has no room for fifty of them. A retry reads no manifest: its items are those of the earlier batch that are not done.
 */
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type FileAccess, resolveReadable, resolveWritable } from '../artifacts/file-access.js';
import type { ArtifactRef } from '../contract/artifact.js';
import { type BatchItem, type BatchKind, type BatchRequest, quotaRowsOf } from '../contract/batch.js';
import type { ItemOutcome } from '../contract/batch-results.js';
import { accountOfItem, budgetTimeOfAccountsMs, requestsOfItem } from '../contract/budget-of-batch.js';
import { DOCUMENTED_ALLOWANCE } from '../contract/budget-time.js';
import { InputError } from '../contract/input-error.js';
import { checkManifestSize, formatOfManifest } from '../manifest/format-of-manifest.js';
import { type ItemsRead, readItems } from '../manifest/read-items.js';
import { attempt } from './attempt.js';
import { readItemsOf, writeItems } from './batch-items.js';
import { readOutcomes } from './batch-outcomes.js';
import type { DataDeps } from './deps.js';

export interface PlanBatchInput {
  /** Artifacts of the batch are kept together under this name. */
  group: string;
  request: BatchRequest;
  /** ISO 8601: what {{ scheduled }} says. */
  scheduledAt: string;
  schedule?: string | undefined;
}

export interface PlannedBatch {
  /** All items, for the manifest of outputs. */
  items: ArtifactRef;
  /** Those to run: all of them, unless it is a retry. */
  toRun: ArtifactRef;
  count: number;
  countToRun: number;
  /** Rows that the items to run ask for, and how many of them do not say. */
  rows: number;
  /** Those rows as the quota counts them; older plans, which replays bring, do not say. */
  quotaRows?: number;
  itemsOfUnknownRows: number;
  /** The first of them that the items to run spend their quota from. */
  accounts: string[];
  /** What the items to run need at least, and how long the request budget takes to let them go. Absent in older histories. */
  requestsAtLeast?: number;
  budgetMs?: number;
}

interface Tally {
  items: BatchItem[];
  rows: number;
  quotaRows: number;
  itemsOfUnknownRows: number;
  requestsByAccount: Map<string, number>;
}

export type BatchPlan = { planned: PlannedBatch } | { faults: string[]; faultCount: number };

/** Nobody reads more of them at once. */
const FAULTS_SHOWN = 50;
/** More are not told apart. */
const ACCOUNTS_KEPT = 10;

export const planBatch =
  ({ artifacts, access, allowanceOf }: DataDeps) =>
  ({ group, request, scheduledAt, schedule }: PlanBatchInput): Promise<BatchPlan> =>
    attempt(async () => {
      const roots = await access();
      const { output, retryOf } = request;
      await resolveWritable(output.uri, roots, { overwrite: output.overwrite }, 'output.uri');
      if (retryOf !== undefined) {
        const outcomes = await readOutcomes(artifacts, retryOf.outcomes);
        const count = await countOf(readItemsOf(artifacts, retryOf.items));
        const toRun = await tallied(notDone(readItemsOf(artifacts, retryOf.items), outcomes), request.kind);
        const ref = await writeItems(artifacts, group, toRun.items);
        return { planned: { items: retryOf.items, toRun: ref, count, ...(await totalsOf(toRun, allowanceOf)) } };
      }
      const { items, faults } = await readManifest(request, roots, { scheduledAt: new Date(scheduledAt), schedule });
      if (faults.length > 0) {
        const shown = faults.slice(0, FAULTS_SHOWN).map(({ line, message }) => `line ${line}: ${message}`);
        return { faults: shown, faultCount: faults.length };
      }
      const ref = await writeItems(artifacts, group, items);
      const tally = await tallied(items, request.kind);
      return {
        planned: { items: ref, toRun: ref, count: items.length, ...(await totalsOf(tally, allowanceOf)) },
      };
    });

/** @throws InputError for a manifest that may not or cannot be read at all */
export async function readManifest(
  request: BatchRequest,
  roots: FileAccess,
  when: { scheduledAt: Date; schedule?: string | undefined },
): Promise<ItemsRead> {
  const { kind, manifest, defaults, account, seed, timeZone, output } = request;
  const path = await resolveReadable(manifest.uri, roots, 'manifest.uri');
  const format = manifest.format ?? formatOfManifest(path);
  checkManifestSize(path, (await stat(path)).size, format);
  return readItems(textOf(await readFile(path), path), {
    kind,
    format,
    defaults,
    folder: dirname(path),
    account,
    seed,
    templates: { ...when, timeZone },
    resultsUri: output.uri,
  });
}

/** A byte order mark is dropped. */
function textOf(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InputError('file_unreadable', `${path} is not UTF-8; save it as UTF-8.`, 'manifest.uri', { cause });
  }
}

/** Those that were not done, each to go on with what its last try keeps. */
async function* notDone(
  items: AsyncIterable<BatchItem>,
  outcomes: ReadonlyMap<number, ItemOutcome>,
): AsyncGenerator<BatchItem> {
  for await (const item of items) {
    const { status, job, kept } = outcomes.get(item.index) ?? {};
    if (status === 'done') continue;
    const isKept = kept !== undefined && Date.parse(kept.until) > Date.now();
    yield isKept ? { ...item, request: { ...item.request, retryOf: { job, runId: kept.runId } } } : item;
  }
}

async function countOf(items: AsyncIterable<BatchItem>): Promise<number> {
  let count = 0;
  for await (const _ of items) count += 1;
  return count;
}

async function tallied(items: Iterable<BatchItem> | AsyncIterable<BatchItem>, kind: BatchKind): Promise<Tally> {
  const toRun: BatchItem[] = [];
  let rows = 0;
  let quotaRows = 0;
  let itemsOfUnknownRows = 0;
  const requestsByAccount = new Map<string, number>();
  for await (const item of items) {
    toRun.push(item);
    if (item.rows === undefined) itemsOfUnknownRows += 1;
    rows += item.rows ?? 0;
    quotaRows += quotaRowsOf(item);
    const account = accountOfItem(item);
    requestsByAccount.set(account, (requestsByAccount.get(account) ?? 0) + requestsOfItem(item, kind));
  }
  return { items: toRun, rows, quotaRows, itemsOfUnknownRows, requestsByAccount };
}

async function totalsOf(
  { items, rows, quotaRows, itemsOfUnknownRows, requestsByAccount }: Tally,
  allowanceOf: DataDeps['allowanceOf'],
): Promise<Omit<PlannedBatch, 'items' | 'toRun' | 'count'>> {
  const accounts = [...requestsByAccount.keys()].slice(0, ACCOUNTS_KEPT);
  const allowances = new Map(
    await Promise.all(accounts.map(async (account) => [account, await allowanceOf(account)] as const)),
  );
  return {
    countToRun: items.length,
    rows,
    quotaRows,
    itemsOfUnknownRows,
    accounts,
    requestsAtLeast: [...requestsByAccount.values()].reduce((sum, count) => sum + count, 0),
    budgetMs: budgetTimeOfAccountsMs(requestsByAccount, (account) => allowances.get(account) ?? DOCUMENTED_ALLOWANCE),
  };
}
