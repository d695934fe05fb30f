/**
 * `dataxid-orchestrator/table`: the private data plane as a library (table/index.ts has its story). An entry of its own,
 * since the table engine is a part that may be left out: an import says so in a sentence.
 */
import { partMissingOf } from './optional-parts.js';

export type * from './table/index.js';

export const {
  analyze,
  analyzeByColumn,
  checkGeneration,
  concatenateTables,
  createBody,
  createBodyOf,
  decode,
  decodeAnswer,
  encode,
  encodeByColumn,
  fileKindOf,
  finishWithPauses,
  fixedValuesText,
  generateBody,
  generatedCodes,
  initTrainingBody,
  inspectTable,
  keepGiven,
  pickOverTrials,
  Random,
  readConditions,
  readTable,
  sliceTable,
  subColumnsOf,
  withPreparedTable,
  writeTable,
} = await import('./table/index.js').catch((error: unknown) => {
  throw partMissingOf(error) ?? error;
});
