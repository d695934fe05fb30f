/** What a reap has found and done so far: its report, and the same in words for the Web UI. */
import { setCurrentDetails } from '@temporalio/workflow';
import { REAP_LISTED_MAX } from '../contract/limits.js';
import type { ReapReport, ReapRequest } from '../contract/reap.js';
import { clockOf, escapeMarkdown } from '../contract/text.js';
import { setAlarm } from './alarm.js';
import type { AskingBoard } from './ask-api.js';

type Lists = Pick<ReapReport, 'deleted' | 'leftOver' | 'kept' | 'unknown'>;

export type ReapBoard = ReturnType<typeof openReapBoard>;

/** @param carriedOver from the run before, where the reap goes on */
export function openReapBoard({ account, dryRun }: ReapRequest, carriedOver?: ReapReport) {
  const report: ReapReport = carriedOver ?? {
    account,
    dryRun,
    examined: 0,
    isComplete: true,
    counts: { deleted: 0, leftOver: 0, kept: 0, unknown: 0 },
    deleted: [],
    leftOver: [],
    kept: [],
    unknown: [],
    artifactsOfJobs: 0,
    unaccounted: [],
    requests: 0,
  };
  let waits: string | undefined;

  const publish = (): void => {
    const { examined, counts, requests, unknown, leftOver } = report;
    const lines = [
      `**${dryRun ? 'looks for' : 'deletes'} what jobs of ${account} left behind**`,
      ...(waits === undefined ? [] : [escapeMarkdown(waits)]),
      [
        `- ended jobs examined: ${examined}`,
        `- models deleted: ${counts.deleted}, left over: ${counts.leftOver}, kept for a reason: ${counts.kept}`,
        `- for a person to look at: ${counts.unknown}`,
        `- API requests spent: ${requests}`,
      ].join('\n'),
      [
        ...leftOver.map(({ modelId, job, why }) => `- left over: ${modelId} of ${escapeMarkdown(`${job}: ${why}`)}`),
        ...unknown.map(({ job, what }) => `- unknown: ${escapeMarkdown(`${job}: ${what}`)}`),
      ].join('\n'),
    ];
    setCurrentDetails(lines.filter((line) => line !== '').join('\n\n'));
  };
  publish();

  /** What a request shows while it is asked; a reap has no model of its own, and nothing is held. */
  const asking: AskingBoard = {
    modelId: () => undefined,
    hold: (_, work) => work(),
    spent(count) {
      report.requests += count;
      publish();
    },
    asking: (_, request) => request(),
    async wait({ what, delayMs, summary }) {
      waits = `Waits until ${clockOf(new Date(Date.now() + delayMs).toISOString())}: ${what}`;
      publish();
      try {
        return await setAlarm(delayMs, summary).rings;
      } finally {
        waits = undefined;
        publish();
      }
    },
  };

  return {
    asking,
    report: () => report,
    examined(count: number): void {
      report.examined += count;
      publish();
    },
    /** Counts it, and lists the first ones. */
    found<Name extends keyof Lists>(name: Name, entry: Lists[Name][number]): void {
      report.counts[name] += 1;
      const list = report[name] as (typeof entry)[];
      if (list.length < REAP_LISTED_MAX) list.push(entry);
      publish();
    },
    foundArtifacts(): void {
      report.artifactsOfJobs += 1;
    },
    isCutShort(): void {
      report.isComplete = false;
    },
  };
}
