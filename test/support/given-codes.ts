/** What a generation body is given, from a table in memory: as readConditions makes it of a file, without its thread. */
import type { Table } from '../../src/table/column.js';
import { encodeGiven, type GivenColumn } from '../../src/table/encode/given.js';
import { Random } from '../../src/table/random.js';
import type { Analysis } from '../../src/table/stats.js';
import { wireKey } from '../../src/table/sub-columns.js';
import { fixedValuesText } from '../../src/table/wire/fixed-values.js';
import type { GivenCodes } from '../../src/table/wire/generate-body.js';

/** @param table trained columns only */
export function givenCodesOf(
  table: Table,
  analysis: Analysis,
  isToImpute: boolean,
): GivenCodes & { warnings: string[] } {
  const columns = analysis.features.filter(({ name }) => table.columns.some((column) => column.name === name));
  const encoded = columns.map(({ name, stats }): [string, GivenColumn] => {
    const column = table.columns.find((candidate) => candidate.name === name)!;
    return [name, encodeGiven(column, stats, { isToImpute, random: new Random(1) })];
  });
  const codes = new Map(
    encoded.flatMap(([name, given]) => given.codes.map(([sub, of]) => [wireKey(name, sub), of] as const)),
  );
  return {
    columns: columns.map(({ name }) => name),
    imputed: encoded.filter(([, { nulls }]) => isToImpute && nulls > 0).map(([name]) => name),
    fixedValues: [...fixedValuesText({ codes }, 0, table.rows)].join(''),
    warnings: encoded.flatMap(([, { warnings }]) => warnings),
  };
}
