/**
 * The text of a manifest as entries: one object each, with the line it begins on, so that every fault can say where.
 * An entry that cannot be read is a fault and does not hide the others.
 * Not here: what an entry means (read-items.ts), and CSV's own grammar (csv-records.ts).
 */
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import type { ManifestFormat } from '../contract/batch.js';
import { entriesOfCsv } from './csv-entries.js';

export type Document = Record<string, unknown>;

export interface Entry {
  /** From 1. */
  line: number;
  document: Document;
  /** From CSV: every value is text and still has to become what the request says. */
  isCells: boolean;
}

export interface Fault {
  line: number;
  message: string;
}

export interface Entries {
  entries: Entry[];
  faults: Fault[];
}

export function entriesOf(text: string, format: ManifestFormat): Entries {
  switch (format) {
    case 'yaml':
      return entriesOfYaml(text);
    case 'jsonl':
      return entriesOfJsonLines(text);
    case 'csv':
      return entriesOfCsv(text);
    default:
      return format satisfies never;
  }
}

/** A list of items, or an object whose `items` is one. */
function entriesOfYaml(text: string): Entries {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineOf = (offset: number): number => lines.linePos(offset).line;
  if (document.errors.length > 0) {
    return {
      entries: [],
      faults: document.errors.map(({ pos, code }) => ({ line: lineOf(pos[0]), message: `not YAML (${code})` })),
    };
  }
  const { contents } = document;
  const list = isMap(contents) ? contents.get('items') : contents;
  if (!isSeq(list))
    return { entries: [], faults: [{ line: 1, message: 'a list of items is expected, or `items:` with one' }] };
  const entries: Entry[] = [];
  const faults: Fault[] = isMap(contents) ? strangeKeys(contents, lineOf) : [];
  for (const node of list.items) {
    const line = lineOf((node as { range?: [number, number, number] | null }).range?.[0] ?? 0);
    if (!isMap(node)) {
      faults.push({ line, message: 'an item is an object, with a name' });
      continue;
    }
    try {
      entries.push({ line, document: node.toJS(document) as Document, isCells: false });
    } catch {
      // A few lines of aliases of aliases would be gigabytes.
      faults.push({ line, message: 'its aliases lead nowhere, or to too much' });
    }
  }
  return { entries, faults };
}

/** Whoever writes `defaults:` beside the items expects them to count. */
function strangeKeys(contents: YAMLMap, lineOf: (offset: number) => number): Fault[] {
  return contents.items.flatMap(({ key }) => {
    if (!isScalar(key) || key.value === 'items') return [];
    const message = `there is only \`items\` at the top, not ${JSON.stringify(key.value)}; what all items share goes into --defaults`;
    return { line: lineOf(key.range?.[0] ?? 0), message };
  });
}

function entriesOfJsonLines(text: string): Entries {
  const entries: Entry[] = [];
  const faults: Fault[] = [];
  for (const [index, row] of text.split('\n').entries()) {
    if (row.trim() === '') continue;
    const line = index + 1;
    try {
      const document: unknown = JSON.parse(row);
      if (isDocument(document)) entries.push({ line, document, isCells: false });
      else faults.push({ line, message: 'an item is an object, with a name' });
    } catch (error) {
      // The parser's own text quotes what it found.
      const position = /position (\d+)/.exec((error as Error).message)?.[1];
      faults.push({ line, message: `not JSON${position === undefined ? '' : ` (character ${Number(position) + 1})`}` });
    }
  }
  return { entries, faults };
}

export function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
