/**
 * Writes the report that a request asked for: one HTML page on how close the output is to the table. What is at the place
 * is replaced: that it was free, or may be replaced, was checked before anything was spent.
 */
import { resolveWritable } from '../artifacts/file-access.js';
import { resolveTableFiles } from '../artifacts/table-files.js';
import type { ArtifactRef } from '../contract/artifact.js';
import type { ColumnsRequest, ReportRequest, TableFormat, TableSource } from '../contract/requests.js';
import type { ReportResult } from '../contract/results.js';
import { writeReport } from '../report/index.js';
import { attempt } from './attempt.js';
import type { DataDeps } from './deps.js';
import { givenColumnsOf } from './given-rows.js';

export interface MakeReportInput {
  table: TableSource;
  columns?: ColumnsRequest | undefined;
  /** URI of the written output. */
  output: string;
  /** Of the output, where its ending does not say. */
  format?: TableFormat;
  report: ReportRequest;
  /** Index of what the rows were given (given-rows.ts). */
  given?: ArtifactRef;
  /** Of the samples and of the split of the table. */
  seed: number;
}

export const makeReport =
  ({ access, artifacts }: DataDeps) =>
  ({ table, columns, output, format, report, given, seed }: MakeReportInput): Promise<ReportResult> =>
    attempt(async () => {
      const roots = await access();
      const { uri, ...how } = table;
      const real = await resolveTableFiles(uri, roots, 'table.uri');
      // Written by this job: whether it may be read is no question.
      const synthetic = await resolveWritable(output, roots, { overwrite: true }, 'output.uri');
      const path = await resolveWritable(report.uri, roots, { overwrite: true }, 'report.uri');
      const readAs = {
        real: { ...how, ...(columns === undefined ? {} : { columns }) },
        synthetic: format === undefined ? {} : { format },
      };
      const named = given === undefined ? {} : { given: await givenColumnsOf(artifacts, given) };
      return { uri: report.uri, ...(await writeReport({ real, synthetic, readAs, ...named, seed, output: path })) };
    });
