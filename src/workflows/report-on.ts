/** The report on a job's output, if the request asks for one. Without it the output is as good: a report that fails is a warning. */
import { isCancellation } from '@temporalio/workflow';
import type { GivenRows } from '../activities/given-rows.js';
import type { SynthesizeRequest } from '../contract/requests.js';
import type { OutputResult, ReportResult } from '../contract/results.js';
import { explain } from './explain.js';
import type { Job } from './job.js';
import { dataStep } from './steps.js';

export async function reportOn(
  job: Job,
  { table, columns, output: { format }, report }: Pick<SynthesizeRequest, 'table' | 'columns' | 'output' | 'report'>,
  { uri: output }: OutputResult,
  given: GivenRows | undefined,
): Promise<ReportResult | undefined> {
  if (report === undefined) return undefined;
  try {
    const made = await dataStep('report how close the output is').makeReport({
      table,
      ...(columns === undefined ? {} : { columns }),
      output,
      ...(format === undefined ? {} : { format }),
      report,
      ...(given === undefined ? {} : { given: given.index }),
      seed: job.seedFor('report'),
    });
    job.note(
      'report',
      `${made.uri}${made.overall === null ? '' : ` (overall score ${(made.overall * 100).toFixed(1)} %)`}`,
    );
    return made;
  } catch (error) {
    if (isCancellation(error)) throw error;
    job.warnings.push(`The report could not be made: ${explain(error).message}`);
    return undefined;
  }
}
