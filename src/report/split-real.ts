/**
 * Which real rows are taken for seen and which for unseen: `training` and `holdout`. Rows of a file that was kept from the model are
 * the holdout, and all of the real table is training; without one, chance divides the real table in halves, by the seed.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { randomNumberOf } from './random-number-of.js';

/** Makes the views `training` and `holdout`. */
export async function splitReal(connection: DuckDBConnection, hasHoldout: boolean, seed: number): Promise<void> {
  if (hasHoldout) {
    await connection.run('CREATE VIEW training AS SELECT * FROM real');
    return;
  }
  const isSeen = `${randomNumberOf(seed)} % 2 = 0`;
  await connection.run(`CREATE VIEW training AS SELECT * FROM real WHERE ${isSeen}`);
  await connection.run(`CREATE VIEW holdout AS SELECT * FROM real WHERE NOT (${isSeen})`);
}
