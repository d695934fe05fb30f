/**
 * Codes back to a table (data-plane 9): one decoder an encoding, each column in its source's type again (BUG-3).
 * Random only where codes do not say: inside a bin, and in place of `<protected>`.
 */
import type { PlainColumn, PlainTable, Table } from './column.js';
import { decodeCategorical, decodeDiscrete } from './decode/categories.js';
import { decodeCharacters } from './decode/characters.js';
import { codesReader } from './decode/code-reader.js';
import { decodeDates } from './decode/dates.js';
import { decodeBinned, decodeDigits } from './decode/numbers.js';
import { asColumn } from './packed-texts.js';
import type { Random } from './random.js';
import type { Analysis, Codes, Feature } from './stats.js';

export interface DecodeOptions {
  /** `mask` leaves `<protected>` in text columns; `sample` draws one of the other categories, all equally likely. */
  rareStrategy: 'mask' | 'sample';
  random: Random;
}

/** @param codes for every sub-column of the analysis, in range and of equal length, as generatedCodes makes sure */
export function decode(codes: Codes, analysis: Analysis, options: DecodeOptions): Table {
  const { rows, columns } = decodePlain(codes, analysis, options);
  return { rows, columns: columns.map(asColumn) };
}

/** The same, with texts as they came together. */
export function decodePlain(codes: Codes, analysis: Analysis, { rareStrategy, random }: DecodeOptions): PlainTable {
  const [first] = codes.values();
  const rows = first?.length ?? 0;
  return { rows, columns: analysis.features.map(decodeFeature) };

  function decodeFeature(feature: Feature): PlainColumn {
    const { name, stats } = feature;
    const input = { feature, rows, random, codesOf: codesReader(codes, name) };
    switch (stats.encoding) {
      case 'TABULAR_CATEGORICAL':
        return decodeCategorical({ ...input, stats }, rareStrategy);
      case 'TABULAR_NUMERIC_DISCRETE':
        return decodeDiscrete({ ...input, stats });
      case 'TABULAR_NUMERIC_BINNED':
        return decodeBinned({ ...input, stats });
      case 'TABULAR_NUMERIC_DIGIT':
        return decodeDigits({ ...input, stats });
      case 'TABULAR_DATETIME':
        return decodeDates({ ...input, stats });
      case 'TABULAR_CHARACTER':
        return decodeCharacters({ ...input, stats });
    }
  }
}
