/** How close a synthetic table is to the real one: as a page (`writeReport`), or as numbers (`measureTables`). */
export { measureTables } from './measure-tables.js';
export type { ColumnMeasures } from './measurements.js';
export { writeReport } from './write-report.js';
