/**
 * Writes the report that a request asked for: one HTML page on how close the output is to the table. What is at the place
 * is replaced: that it was free, or may be replaced, was checked before anything was spent.
 */
import { resolveReadable, resolveWritable } from '../artifacts/file-access.js';
import type { ReportRequest, TableSource } from '../contract/requests.js';
import type { ReportResult } from '../contract/results.js';
import { writeReport } from '../report/index.js';
import { attempt } from './attempt.js';
import type { DataDeps } from './deps.js';

export interface MakeReportInput {
  table: TableSource;
  /** URI of the written output. */
  output: string;
  report: ReportRequest;
  /** Of the samples and of the split of the table. */
  seed: number;
}

export const makeReport =
  ({ access }: DataDeps) =>
  ({ table, output, report, seed }: MakeReportInput): Promise<ReportResult> =>
    attempt(async () => {
      const roots = await access();
      const real = await resolveReadable(table.uri, roots, 'table.uri');
      // Written by this job: whether it may be read is no question.
      const synthetic = await resolveWritable(output, roots, { overwrite: true }, 'output.uri');
      const path = await resolveWritable(report.uri, roots, { overwrite: true }, 'report.uri');
      return { uri: report.uri, ...(await writeReport({ real, synthetic, seed, output: path })) };
    });
