/** Splits the rows asked for into chunks, one request each: every row once, in order, no chunk empty. */
export interface Chunk {
  index: number;
  firstRow: number;
  rows: number;
}

export function planChunks(rows: number, rowsPerChunk: number): Chunk[] {
  const count = Math.ceil(rows / rowsPerChunk);
  return Array.from({ length: count }, (_, index) => {
    const firstRow = index * rowsPerChunk;
    return { index, firstRow, rows: Math.min(rowsPerChunk, rows - firstRow) };
  });
}
