/**
 * What leaves this machine and what never does, column by column, said plainly: the vocabularies and bounds of the
 * metadata are values of the table, and the integer codes of every cell are uploaded with them.
 */
import type { ModelSettings } from '../contract/requests.js';
import type { Analysis, ColumnStats, Feature } from '../table/index.js';
import { NULL_TOKEN, PROTECTED, UNKNOWN } from '../table/stats.js';

/** Entries of a vocabulary that are no values; a value that reads like one is stored escaped. */
const TOKENS = [PROTECTED, NULL_TOKEN, UNKNOWN];

export interface Leaving {
  /** In clear text, by column, in the metadata of the model. */
  columns: { column: string; sent: string }[];
  sent: string[];
  kept: string[];
}

export function describeLeaving(
  { features }: Analysis,
  { privacy }: Pick<ModelSettings, 'privacy'>,
  isGiven: boolean,
): Leaving {
  return {
    columns: features.map(({ name, stats }: Feature) => ({ column: name, sent: sentOf(stats) })),
    sent: [
      'the names of the columns, and the values listed above, in clear text (create.json)',
      'the integer code of every cell of every row, in shuffled batches (init-training.json): with the vocabularies they spell the row again, up to binning and what is withheld',
      `an embedding of each row, made of its codes by a fixed random network${privacy.enabled ? `, with noise of ${privacy.noise}` : ''}`,
      'how often each code occurs',
      ...(isGiven
        ? ['the integer codes of the given cells: conditions, or the table to impute (generate-….json)']
        : []),
    ],
    kept: privacy.protect_rare
      ? [
          'the table file, and texts that fewer than 5 to 7 rows hold (the threshold is drawn anew for each column): they are coded as <protected>',
          'numbers and dates beyond the protected bounds: the lowest and highest values that are sent are not the extreme ones',
          'the synthetic table, which is decoded here',
        ]
      : [
          'the table file itself. model.privacy.protect_rare is off: every distinct value of a vocabulary is sent, however rare',
        ],
  };
}

function sentOf(stats: ColumnStats): string {
  switch (stats.encoding) {
    case 'TABULAR_CATEGORICAL':
    case 'TABULAR_NUMERIC_DISCRETE': {
      const values = stats.vocabulary.filter((text) => !TOKENS.includes(text)).length;
      return `${values} ${values === 1 ? 'value' : 'values'} as they are`;
    }
    case 'TABULAR_NUMERIC_BINNED':
      return `${stats.bins.length} bin edges`;
    case 'TABULAR_NUMERIC_DIGIT':
      return 'the range of each digit, lowest and highest number';
    case 'TABULAR_DATETIME':
      return 'the range of each date part, first and last date';
    case 'TABULAR_CHARACTER':
      return `the characters at each of ${stats.alphabets.length} positions`;
    default:
      return stats satisfies never;
  }
}
