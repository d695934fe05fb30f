/**
 * How a CSV is written, found out from its beginning: delimiter, quote, whether the first record has the names, and the
 * names as they are written. DuckDB renames columns that differ in case alone or repeat, and looks for a dialect that fits
 * by dropping lines; we refuse or keep instead.
 */
import { InputError } from '../../contract/input-error.js';
import type { TableSource } from '../../contract/requests.js';

export interface CsvDialect {
  delimiter: string;
  /** Empty: nothing is quoted. Inside quotes it stands doubled. */
  quote: string;
  /** The first record has the names. */
  header: boolean;
  /** Without a header `column_1`, `column_2`, … */
  names: string[];
}

const DELIMITERS = [',', ';', '\t', '|'] as const;
/** What is looked at for the quote, and behind the first record for what the columns hold. */
const SAMPLE_CHARS = 64 * 1024;

const NUMBER = /^\s*[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+-]?\d+)?\s*$/i;
const DATE = /^\s*(?:\d{4}-\d{1,2}-\d{1,2}(?:[T ].*)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4})\s*$/;

/**
 * @param start the file's beginning; what is behind its last line end may be cut
 * @param given what the request says, which is not looked for
 * @throws InputError table_empty, not_a_table where the first line may be names or data
 */
export function csvDialectOf(
  start: string,
  path: string,
  given: Pick<TableSource, 'delimiter' | 'quote' | 'header' | 'nulls'>,
): CsvDialect {
  const quote = given.quote ?? quoteOf(start, given.delimiter);
  const first = recordAt(start, 0, quote).text;
  if (first.trim() === '') throw new InputError('table_empty', `${path} is empty: it has no header line.`, 'table.uri');
  const delimiter = given.delimiter ?? mostFrequent(first, quote);
  const fields = fieldsOf(first, delimiter, quote);
  const header = given.header ?? hasHeader(fields, sampleOf(start, delimiter, quote), given.nulls ?? [''], path);
  return { delimiter, quote, header, names: header ? fields : fields.map((_, i) => `column_${i + 1}`) };
}

/** `'` if fields stand in it, as many begun as ended, and none stands in `"`. */
function quoteOf(start: string, delimiter: string | undefined): string {
  const between = (delimiter ?? DELIMITERS.join('')).replace(/[\]\\^-]/g, '\\$&');
  const sample = start.slice(0, SAMPLE_CHARS);
  const whole = sample.slice(0, sample.lastIndexOf('\n') + 1) || sample;
  const begun = (quote: string) => whole.match(new RegExp(`(?<=^|[${between}])${quote}`, 'gm'))?.length ?? 0;
  const ended = whole.match(new RegExp(`'(?=[${between}]|\\r?$)`, 'gm'))?.length ?? 0;
  return begun('"') === 0 && ended > 0 && begun("'") === ended ? "'" : '"';
}

function mostFrequent(record: string, quote: string): string {
  const counts = DELIMITERS.map((delimiter) => fieldsOf(record, delimiter, quote).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!;
}

/**
 * The first record is data if in every column of numbers or dates it has one too. Names that are numbers in a row (years,
 * `0,1,2`) look the same, and a wrong guess would send a person's data as a name, or lose a row: then the request must say.
 */
function hasHeader(
  first: readonly string[],
  sample: readonly string[][],
  nulls: readonly string[],
  path: string,
): boolean {
  const kinds = [NUMBER, DATE];
  const held = first.flatMap((field, i) => {
    const values = sample.flatMap((record) => (nulls.includes(record[i] ?? '') ? [] : [record[i]!]));
    const kind = values.length === 0 ? undefined : kinds.find((one) => values.every((value) => one.test(value)));
    return kind === undefined ? [] : [{ field, fits: kind.test(field) || nulls.includes(field) }];
  });
  if (held.length === 0 || held.some(({ fits }) => !fits)) return true;
  const numbers = held.map(({ field }) => Number(field));
  const isCount = numbers.length > 1 && numbers.every((number, i) => i === 0 || number === numbers[i - 1]! + 1);
  if (!isCount) return false;
  throw new InputError(
    'not_a_table',
    `${path}: its first line may be names or data. Set table.header to true or false.`,
    'table.header',
  );
}

/** The whole records behind the first one. */
function sampleOf(start: string, delimiter: string, quote: string): string[][] {
  const records: string[][] = [];
  let { next } = recordAt(start, 0, quote);
  const end = next + SAMPLE_CHARS;
  while (next < Math.min(start.length, end)) {
    const record = recordAt(start, next, quote);
    if (record.next >= start.length && !/[\r\n]$/.test(start)) break;
    if (record.text !== '') records.push(fieldsOf(record.text, delimiter, quote));
    next = record.next;
  }
  return records;
}

/** Up to the first line end outside quotes, and where the next one begins. */
function recordAt(text: string, from: number, quote: string): { text: string; next: number } {
  let isQuoted = false;
  for (let i = from; i < text.length; i += 1) {
    const character = text[i];
    if (character === quote) isQuoted = !isQuoted;
    else if (!isQuoted && (character === '\n' || character === '\r')) {
      return { text: text.slice(from, i), next: text.startsWith('\r\n', i) ? i + 2 : i + 1 };
    }
  }
  return { text: text.slice(from), next: text.length };
}

function fieldsOf(record: string, delimiter: string, quote: string): string[] {
  const fields: string[] = [];
  let field = '';
  let isQuoted = false;
  for (let i = 0; i < record.length; i += 1) {
    const character = record[i]!;
    if (isQuoted && character === quote && record[i + 1] === quote) {
      field += quote;
      i += 1;
    } else if (character === quote && (isQuoted || field === '')) {
      isQuoted = !isQuoted;
    } else if (!isQuoted && character === delimiter) {
      fields.push(field);
      field = '';
    } else {
      field += character;
    }
  }
  return [...fields, field];
}
