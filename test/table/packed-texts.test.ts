import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type TextRows, textOfRow } from '../../src/table/column.js';
import { indexTexts } from '../../src/table/packed-texts.js';

const text = fc.oneof(fc.constantFrom('', 'a', 'b', 'ab', 'ü', '🙂'), fc.string({ unit: 'grapheme', maxLength: 5 }));
const texts = fc.array(fc.option(text), { maxLength: 60 });

function rowsOf(given: readonly (string | null)[]): TextRows {
  const pieces = given.map((one) => Buffer.from(one ?? ''));
  let end = 0;
  const ends = pieces.map(({ length }) => {
    end += length;
    return end;
  });
  return {
    name: 'x',
    type: 'text rows',
    rows: given.length,
    bytes: Buffer.concat(pieces),
    ends: Uint32Array.from(ends),
    isNull: Uint8Array.from(given, (one) => (one === null ? 1 : 0)),
  };
}

test('packed texts are told apart as strings are, in order of first appearance', () => {
  fc.assert(
    fc.property(texts, (given) => {
      const rows = rowsOf(given);
      const { dictionary, indices } = indexTexts(rows);
      expect([...dictionary]).toEqual([...new Set(given.filter((one) => one !== null))]);
      expect(Array.from(indices, (index) => (index < 0 ? null : dictionary.at(index)))).toEqual(given);
      expect(given.map((_, row) => textOfRow(rows, row))).toEqual(given);
      expect(dictionary.isAscii).toBe(given.every((one) => one === null || /^[\0-\x7f]*$/.test(one)));
    }),
    { seed: 3, numRuns: 500 },
  );
});

test('a byte behind the end of a text is none, though the next text has one there', () => {
  const { dictionary } = indexTexts(rowsOf(['ab', 'c', 'ab']));
  expect([0, 1, 2].map((position) => dictionary.byteAt(0, position))).toEqual([0x61, 0x62, -1]);
  expect([0, 1].map((position) => dictionary.byteAt(1, position))).toEqual([0x63, -1]);
});
