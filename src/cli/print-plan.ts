/** A plan for a person to read. */
import { describeNeed } from './budget-need.js';
import type { Plan } from './plan-job.js';
import { alignedTable, describeBytes, note, print } from './terminal.js';

/** Lines that people have: an upload of 1 000 000 rows is about 500 MB. */
const UPLINKS_MBIT = [10, 100];

export function printPlan(plan: Plan): void {
  const { requests, bytes, leaving } = plan;
  const sentOf = new Map(leaving.columns.map(({ column, sent }) => [column, sent]));
  print(
    [
      `${plan.table}: ${plan.rowsTrained} rows, ${plan.columns.length} columns; ${plan.rowsGenerated} rows to generate`,
      '',
      alignedTable([
        ['COLUMN', 'TYPE', 'ENCODING', 'CODES', 'WHY', 'SENT IN CLEAR TEXT'],
        ...plan.columns.map(({ column, type, encoding, subColumns, why }) => [
          column,
          type,
          encoding.replace('TABULAR_', ''),
          codesOf(subColumns),
          why,
          sentOf.get(column) ?? '',
        ]),
      ]),
      '',
      'Leaves this machine:',
      ...leaving.sent.map((line) => `  - ${line}`),
      'Never leaves it:',
      ...leaving.kept.map((line) => `  - ${line}`),
      '',
      `Upload     ${describeBytes(bytes.initTraining)} of encoded batches, ${describeBytes(bytes.create)} of metadata:`,
      `           ${UPLINKS_MBIT.map((mbit) => `${spanOf(bytes.initTraining + bytes.create, mbit)} at ${mbit} Mbit/s`).join(', ')}`,
      `Requests   ${requests.total} (create, upload, train, ${requests.generate} to generate, delete); looks at the training are shared by all jobs`,
      `Budget     ${describeNeed(plan.budget)}`,
      `Quota      ${plan.quotaRows} rows`,
      ...(plan.payload === undefined ? [] : [`Bodies     ${plan.payload}`]),
    ].join('\n'),
  );
  for (const warning of plan.warnings) note(`warning: ${warning}`);
}

function spanOf(bytes: number, mbit: number): string {
  const seconds = Math.ceil((bytes * 8) / (mbit * 1e6));
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}

function codesOf(subColumns: readonly { name: string; codes: number }[]): string {
  const [first] = subColumns;
  return subColumns.length === 1 ? `${first?.codes}` : `${subColumns.length} sub-columns`;
}
