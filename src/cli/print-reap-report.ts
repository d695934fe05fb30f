/** What a reap found and did, a line for each model. */
import type { ReapReport } from '../contract/reap.js';
import { print } from './terminal.js';

export function printReapReport(report: ReapReport): void {
  const { account, dryRun, examined, isComplete, counts, requests, artifactsOfJobs, unaccounted } = report;
  print(
    [
      `${account}: ended jobs examined: ${examined}${isComplete ? '' : ' (there are more)'}; requests: ${requests}${dryRun ? '; a dry run: nothing was deleted' : ''}`,
      ...report.deleted.map(({ modelId, job }) => `  deleted    ${modelId}  ${job}`),
      ...more(report.deleted, counts.deleted),
      ...report.leftOver.map(({ modelId, job, why }) => `  left over  ${modelId}  ${job}${dryRun ? '' : `: ${why}`}`),
      ...more(report.leftOver, counts.leftOver),
      ...report.kept.map(({ modelId, job, why }) => `  kept       ${modelId}  ${job}: ${why}`),
      ...more(report.kept, counts.kept),
      ...report.unknown.map(({ job, what }) => `  unknown    ${job}: ${what}`),
      ...more(report.unknown, counts.unknown),
      ...(artifactsOfJobs === 0
        ? []
        : [
            `  artifacts ${dryRun ? 'would be removed' : 'removed'} of ${artifactsOfJobs} ${artifactsOfJobs === 1 ? 'job' : 'jobs'}`,
          ]),
      ...(unaccounted.length === 0 ? [] : [`  alive, and no job here accounts for it: ${unaccounted.join(', ')}`]),
    ].join('\n'),
  );
}

function more(listed: readonly unknown[], count: number): string[] {
  return count > listed.length ? [`  … and ${count - listed.length} more`] : [];
}
