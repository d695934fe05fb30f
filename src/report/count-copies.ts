/**
 * Synthetic rows that equal a real row in every column, null equal to null, over all rows of both tables. Rows are compared by a
 * hash of 64 bits: among 10^6 by 10^6 rows one pair in 18 million tables would be taken for equal and is not.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { ComparedColumn } from './comparable-tables.js';
import type { CopyMeasures } from './measurements.js';
import { rowsOf } from './scratch-database.js';

export async function countCopies(
  connection: DuckDBConnection,
  columns: readonly ComparedColumn[],
): Promise<CopyMeasures> {
  const row = `hash(${columns.map(({ sql }) => sql).join(', ')})`;
  const shareOf = async (copies: string, originals: string): Promise<number | null> => {
    const [[share]] = (await rowsOf<[number | null]>(
      connection,
      `SELECT avg((${row} IN (SELECT ${row} FROM ${originals}))::INTEGER) FROM ${copies}`,
    )) as [[number | null]];
    return share;
  };
  return {
    syntheticShare: (await shareOf('synthetic', 'real'))!,
    holdoutShare: await shareOf('holdout', 'training'),
  };
}
