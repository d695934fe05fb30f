/** How close each synthetic column is to the real one, on the terminal: the scores of `dxo report`, without the page. */
import { type ColumnMeasures, measureTables } from '../report/index.js';
import { alignedTable, print } from './terminal.js';

const MEASURES: Record<ColumnMeasures['kind'], string> = {
  number: 'distribution of numbers',
  date: 'distribution of dates',
  category: 'shares of values',
  text: 'distribution of text lengths',
};

export async function printCloseness(realPath: string, syntheticPath: string): Promise<void> {
  const { byColumn, columns, pairs } = await measureTables({ real: realPath, synthetic: syntheticPath, seed: 1 });
  print(
    [
      'How close each column is to the real one, taken alone (100 % is the same distribution):',
      alignedTable([
        ['COLUMN', 'SCORE', 'NULLS REAL', 'NULLS SYNTHETIC', 'MEASURE'],
        ...byColumn.map(rowOf),
        ['mean', percent(columns), '', '', ''],
        ['mean of pairs', percent(pairs), '', '', 'two columns together'],
      ]),
      `As a page: dxo report ${realPath} ${syntheticPath}`,
    ].join('\n'),
  );
}

function rowOf({ name, kind, score, nulls }: ColumnMeasures): string[] {
  return [name, percent(score), percent(nulls.real), percent(nulls.synthetic), MEASURES[kind]];
}

const percent = (share: number | null): string => (share === null ? '–' : `${(share * 100).toFixed(1)} %`);
