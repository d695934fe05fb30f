/**
 * From the text of a manifest to items that can be run: each merged over the defaults, its templates filled in, its paths
 * made absolute from the manifest's folder, and checked as the request it is. Names are unique, outputs distinct. All
 * faults are told at once, each with its line, and none quotes a value. Pure, so that the worker and the command line
 * read a manifest the same way.
 */
import { setImmediate as letOthersRun } from 'node:timers/promises';
import type { z } from 'zod';
import { type BatchItem, type BatchKind, itemNameSchema, type ManifestFormat } from '../contract/batch.js';
import { describeIssue } from '../contract/describe-issue.js';
import { givenTableOf } from '../contract/given-table.js';
import { InputError } from '../contract/input-error.js';
import { seedOf } from '../contract/keys.js';
import { BATCH_ITEMS_MAX } from '../contract/limits.js';
import { type GenerationSettings, REQUEST_SCHEMAS } from '../contract/requests.js';
import { renderTemplates, type TemplateContext } from '../contract/template.js';
import { type Document, type Entry, entriesOf, type Fault, isDocument } from './entries.js';
import { absoluteUris, pathOfUri } from './item-paths.js';
import { merge } from './merge.js';
import { typedCells } from './typed-cells.js';

export interface HowToRead {
  kind: BatchKind;
  format: ManifestFormat;
  defaults: Document;
  /** Where relative paths begin. */
  folder: string;
  account: string;
  seed?: number | undefined;
  templates: TemplateContext;
  /** The manifest of outputs: no item may write it. */
  resultsUri: string;
}

export interface ItemsRead {
  items: BatchItem[];
  faults: Fault[];
}

/** A request travels through history: it may have so many bytes as JSON. */
const ITEM_BYTES_MAX = 128 * 1024;
/** Items checked between two pauses: about 20 ms. */
const ITEMS_PER_PAUSE = 200;

export async function readItems(text: string, how: HowToRead): Promise<ItemsRead> {
  const { entries, faults } = entriesOf(text, how.format);
  if (entries.length > BATCH_ITEMS_MAX) {
    return {
      items: [],
      faults: [{ line: 1, message: `${entries.length} items; a batch has at most ${BATCH_ITEMS_MAX}` }],
    };
  }
  const items: BatchItem[] = [];
  const lineOfName = new Map<string, number>();
  const lineOfOutput = new Map<string, number>();
  const resultsPath = pathOfUri(how.resultsUri);
  for (const [index, entry] of entries.entries()) {
    const { line } = entry;
    const read = itemOf(entry, index, how);
    faults.push(...read.faults.map((message) => ({ line, message })));
    if (index % ITEMS_PER_PAUSE === ITEMS_PER_PAUSE - 1) await letOthersRun();
    if (read.item === undefined) continue;
    const { item, output } = read;
    items.push(item);
    const namesake = lineOfName.get(item.name);
    if (namesake === undefined) lineOfName.set(item.name, line);
    else faults.push({ line, message: `the name ${item.name} is taken by the item of line ${namesake}` });
    const rival = lineOfOutput.get(output);
    if (rival === undefined) lineOfOutput.set(output, line);
    else faults.push({ line, message: `output.uri is also that of the item of line ${rival}` });
    if (output === resultsPath) faults.push({ line, message: 'output.uri is where the manifest of outputs goes' });
  }
  if (entries.length === 0 && faults.length === 0) faults.push({ line: 1, message: 'there is no item in it' });
  return { items, faults: faults.sort((one, other) => one.line - other.line) };
}

type Read = { item: BatchItem; output: string; faults: string[] } | { item?: undefined; faults: string[] };

function itemOf({ document, isCells }: Entry, index: number, how: HowToRead): Read {
  const { name, ...own } = document;
  const named = itemNameSchema.safeParse(name);
  const faults = named.success ? [] : [nameFault(name)];
  const schema: z.ZodType = REQUEST_SCHEMAS[how.kind];
  const merged = merge(how.defaults, own);
  const typed = isCells ? typedCells(schema, merged) : merged;
  let request: Document;
  try {
    request = absoluteUris(renderTemplates(completed(typed, String(name), how), how.templates), how.folder);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { faults: [...faults, error.message] };
  }
  const parsed = schema.safeParse(request);
  if (!parsed.success)
    return { faults: [...faults, ...parsed.error.issues.map((issue) => sentenceOf(issue, request))] };
  const bytes = Buffer.byteLength(JSON.stringify(request));
  if (bytes > ITEM_BYTES_MAX) faults.push(`it has ${bytes} bytes, its defaults included; at most ${ITEM_BYTES_MAX}`);
  if (!named.success || faults.length > 0) return { faults };
  const { output, generation, trained } = parsed.data as {
    output: { uri: string };
    generation: GenerationSettings;
    trained?: { rows: number };
  };
  // A table of conditions is not opened here.
  const rows = generation.n_samples ?? (givenTableOf(generation) === undefined ? trained?.rows : undefined);
  return {
    item: { index, name: named.data, request, ...(rows === undefined ? {} : { rows }) },
    output: pathOfUri(output.uri),
    faults: [],
  };
}

/** What the batch says for all of its items, where an item says nothing itself. */
function completed(request: Document, name: string, { kind, account, seed }: HowToRead): Document {
  return {
    ...(kind === 'synthesize' ? { account } : {}),
    ...(seed === undefined ? {} : { seed: seedOf(seed, `item ${name}`) }),
    ...request,
  };
}

function nameFault(name: unknown): string {
  if (name === undefined || name === '') return 'it has no name';
  return 'its name must have letters, digits and . _ : - only, begin with a letter or digit and have at most 200 characters';
}

function sentenceOf(issue: z.core.$ZodIssue, given: Document): string {
  const { path } = issue;
  const message = describeIssue(issue, given);
  return path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`;
}

/** The files of an item, for those who must allow them. */
export function pathsOfItem({ request }: BatchItem): { read?: string; write?: string }[] {
  const generation = isDocument(request.generation) ? request.generation : {};
  const impute = isDocument(generation.impute) ? generation.impute : {};
  const pathsIn = (...members: unknown[]): string[] =>
    members.flatMap((member) => (isDocument(member) && typeof member.uri === 'string' ? pathOfUri(member.uri) : []));
  return [
    ...pathsIn(request.table, generation.conditions, impute.X).map((read) => ({ read })),
    ...pathsIn(request.output).map((write) => ({ write })),
  ];
}
