/** What a reap found and did, a line for each model. */
import type { ReapReport } from '../contract/reap.js';
import { print } from './terminal.js';

export function printReapReport(report: ReapReport): void {
  const { account, dryRun, examined, isComplete, counts, requests, unaccounted } = report;
  print(
    [
      `${account}: ${examined} ended jobs examined${isComplete ? '' : ' (there are more)'}, ${requests} requests${dryRun ? '; a dry run: nothing was deleted' : ''}`,
      ...report.deleted.map(({ modelId, job }) => `  deleted    ${modelId}  ${job}`),
      ...more(report.deleted, counts.deleted),
      ...report.leftOver.map(({ modelId, job, why }) => `  left over  ${modelId}  ${job}: ${why}`),
      ...more(report.leftOver, counts.leftOver),
      ...report.kept.map(({ modelId, job, why }) => `  kept       ${modelId}  ${job}: ${why}`),
      ...more(report.kept, counts.kept),
      ...report.unknown.map(({ job, what }) => `  unknown    ${job}: ${what}`),
      ...more(report.unknown, counts.unknown),
      ...(unaccounted.length === 0 ? [] : [`  no job here accounts for ${unaccounted.join(', ')}`]),
    ].join('\n'),
  );
}

function more(listed: readonly unknown[], count: number): string[] {
  return count > listed.length ? [`  … and ${count - listed.length} more`] : [];
}
