/**
 * How a text file is written, as flags of the commands that read one, for the files whose beginning does not tell. What is
 * not said is found out (table/read/csv-dialect.ts). A request says the same under `table`.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type TableSource, type TextEncoding, textEncodingSchema } from '../contract/requests.js';

export interface TextFlags {
  delimiter?: string;
  quote?: string;
  header?: boolean;
  /** `--encoding` is that of a column. */
  textEncoding?: TextEncoding;
}

/** @param what they tell of, where the command reads more than one table */
export function withTextOptions(command: Command, what = 'CSV'): Command {
  return command
    .option('--delimiter <character>', `${what}: between two fields; \\t is a tab (default: found out)`, delimiterOf)
    .option('--quote <character>', `${what}: around a field; '' for none (default: found out)`, quoteOf)
    .option('--header', `${what}: the first line has the names (default: found out)`)
    .option('--no-header', `${what}: the first line has data already`)
    .addOption(
      new Option('--text-encoding <name>', `${what} or JSONL: how characters are written (default: found out)`).choices(
        textEncodingSchema.options,
      ),
    );
}

/** Only what was said. */
export function textSourceOf({ delimiter, quote, header, textEncoding }: TextFlags): Partial<TableSource> {
  return {
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(quote === undefined ? {} : { quote }),
    ...(header === undefined ? {} : { header }),
    ...(textEncoding === undefined ? {} : { encoding: textEncoding }),
  };
}

function delimiterOf(text: string): string {
  const delimiter = text === '\\t' ? '\t' : text;
  if (delimiter.length !== 1) throw new InvalidArgumentError('Give one character, or \\t for a tab.');
  return delimiter;
}

function quoteOf(text: string): string {
  if (text.length > 1) throw new InvalidArgumentError("Give one character, or '' for none.");
  return text;
}
