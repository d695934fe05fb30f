/**
 * Given values stay as they are: what comes back through codes is a random value of an interval, a withheld category, a text
 * cut short (data-plane 9.7). The SDK's documentation promises this of conditions too and does it for imputing only.
 */
import type { Column, PlainColumn } from './column.js';
import { instantsOf } from './column-instants.js';
import { numbersOf } from './column-numbers.js';
import { integerAt, textOf } from './column-text.js';
import { type DecodedNumber, isNumberType, numberColumn } from './decode/number-column.js';
import { textColumn } from './decode/text-column.js';
import { asColumn } from './packed-texts.js';

/** The decoded column, in its own type, with each value of `kept` that is not null in place of the decoded one. */
export function keepGiven(decoded: PlainColumn, kept: PlainColumn): Column {
  const [column, given] = [asColumn(decoded), asColumn(kept)];
  if (column.type === 'text') return keepTexts(column, given);
  if (column.type === 'timestamp') {
    const { values, isNull } = instantsOf(given);
    return {
      ...column,
      values: column.values.map((instant, row) => (isNull[row] === 1 ? instant : values[row]!)),
      isNull: column.isNull.map((flag, row) => (isNull[row] === 1 ? flag : 0)),
    };
  }
  const [numberAt, givenAt] = [numbersAt(column), numbersAt(given)];
  return numberColumn(column.name, column.type, column.rows, (row) => givenAt(row) ?? numberAt(row));
}

function keepTexts(column: Extract<Column, { type: 'text' }>, given: Column): Column {
  const { dictionary, indices } = textOf(given);
  const known = column.dictionary.length;
  return textColumn(column.name, column.rows, [...column.dictionary, ...dictionary], (row) =>
    indices[row]! < 0 ? column.indices[row]! : known + indices[row]!,
  );
}

/** Row -> number, null where there is none. */
function numbersAt(column: Column): (row: number) => DecodedNumber {
  if (column.type === 'integer') return (row) => (column.isNull[row] === 1 ? null : integerAt(column, row));
  const { values, isNull } = isNumberType(column.type)
    ? (column as Extract<Column, { type: 'float' }>)
    : numbersOf(column);
  return (row) => (isNull[row] === 1 ? null : values[row]!);
}
