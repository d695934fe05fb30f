/** Some rows of a table that follow each other, as a table; large arrays are shared with it. */
import type { PlainColumn, PlainTable } from './column.js';

export function sliceTable({ columns }: PlainTable, firstRow: number, rows: number): PlainTable {
  return { rows, columns: columns.map((column) => sliceColumn(column, firstRow, rows)) };
}

function sliceColumn(column: PlainColumn, firstRow: number, rows: number): PlainColumn {
  const cut = <T extends { subarray(start: number, end: number): T }>(array: T): T =>
    array.subarray(firstRow, firstRow + rows);
  switch (column.type) {
    case 'text':
      return { ...column, rows, indices: cut(column.indices) };
    case 'text rows': {
      const start = firstRow === 0 ? 0 : column.ends[firstRow - 1]!;
      const ends = cut(column.ends).map((end) => end - start);
      return { ...column, rows, bytes: column.bytes.subarray(start), ends, isNull: cut(column.isNull) };
    }
    case 'integer': {
      const { exact, ...plain } = column;
      const inside = [...(exact ?? [])].filter(([row]) => row >= firstRow && row < firstRow + rows);
      return {
        ...plain,
        rows,
        values: cut(column.values),
        isNull: cut(column.isNull),
        ...(exact === undefined ? {} : { exact: new Map(inside.map(([row, value]) => [row - firstRow, value])) }),
      };
    }
    case 'float':
      return { ...column, rows, values: cut(column.values), isNull: cut(column.isNull) };
    case 'boolean':
      return { ...column, rows, values: cut(column.values), isNull: cut(column.isNull) };
    case 'timestamp':
      return { ...column, rows, values: cut(column.values), isNull: cut(column.isNull) };
  }
}
