/** How close each synthetic column is to the real one: a first look, not a judgement of quality or privacy. */
import { type ColumnCloseness, compareTables, readTable } from '../table/index.js';
import { alignedTable, print } from './terminal.js';

export async function printCloseness(realPath: string, syntheticPath: string): Promise<void> {
  const columns = compareTables(await readTable(realPath), await readTable(syntheticPath));
  const mean = columns.reduce((sum, { closeness }) => sum + closeness, 0) / columns.length;
  print(
    [
      'How close each column is to the real one, taken alone (100 % is the same distribution):',
      alignedTable([
        ['COLUMN', 'CLOSENESS', 'NULLS REAL', 'NULLS SYNTHETIC', 'MEASURE'],
        ...columns.map(rowOf),
        ['mean', percent(mean), '', '', ''],
      ]),
    ].join('\n'),
  );
}

function rowOf({ column, closeness, measure, realNullShare, syntheticNullShare }: ColumnCloseness): string[] {
  return [column, percent(closeness), percent(realNullShare), percent(syntheticNullShare), measure];
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
