/**
 * What an operator reads under "Current Details" in the Web UI: what the job does, why it waits, until when, and what it
 * has done so far. Text that is not ours (the API's messages, names of files) is escaped, so it brings no markup.
 */
import type { JobStatus, Wait } from '../contract/messages.js';
import { describeStage, type Stage } from '../contract/stage.js';
import { clockOf, describeSpan, escapeMarkdown } from '../contract/text.js';

const MINUTE_MS = 60_000;
/** What an operator may do about it. */
const HOW_TO_GO_ON: Readonly<Partial<Record<Wait['reason'], string>>> = {
  quota: '"More Actions", "Send an Update", resume makes it go on now.',
  operator:
    '"More Actions", "Send an Update": resume asks again, adopt names the model, salvage ends with the rows there are.',
  api_unavailable: '"More Actions", "Send an Update", resume makes it ask again now.',
  retry_after: 'Nothing is wrong: the organization is over its requests a minute, and this job goes on by itself.',
  training: 'The workflow `dataxid-watch-…` of the account looks for all jobs that wait; its details say when next.',
};

/** @param facts what the job has learnt and made, by name: the table, the rows, the output */
export function describeJob(status: JobStatus, facts: ReadonlyMap<string, string>): string {
  const { stage, entered, asked, wait, requests, modelId, keepModel, deadline, priority, requestsLeft } = status;
  const stages = entered.map(({ stage: name, at }, index) => {
    const next = entered[index + 1]?.at;
    if (next !== undefined)
      return `1. ${name}: ${clockOf(at)}, took ${describeSpan(Date.parse(next) - Date.parse(at))}`;
    return `1. ${name}: ${hasEnded(stage) ? '' : 'since '}${clockOf(at)}`;
  });
  const known: [string, string | undefined][] = [
    ...facts,
    [
      'model',
      modelId === undefined || facts.has('model')
        ? undefined
        : `${modelId}, to be ${keepModel ? 'kept' : 'deleted'} at the end`,
    ],
    ['API requests spent', `${requests}${requestsLeft ? `, ${requestsLeft} more at least` : ''}`],
    ['deadline', deadline === undefined ? undefined : clockOf(deadline)],
    [
      'priority',
      priority === undefined
        ? undefined
        : `${priority.priority} (1 is asked first, 5 last)${priority.fairnessKey === undefined ? '' : `, in the turn of ${priority.fairnessKey}`}`,
    ],
  ];
  return [
    `**${escapeMarkdown(headlineOf(stage))}**`,
    describeEnd(status),
    wait === undefined ? undefined : describeWait(wait),
    asked.length === 0 || wait?.reason === 'training' ? undefined : describeAsked(asked),
    stages.join('\n'),
    known.flatMap(([name, value]) => (value === undefined ? [] : `- ${name}: ${escapeMarkdown(value)}`)).join('\n'),
  ]
    .filter((part) => part !== undefined)
    .join('\n\n');
}

/** A hold's end is told below, as every wait's. */
function headlineOf(stage: Stage): string {
  return stage.stage === 'held' ? `held: ${stage.message}` : describeStage(stage);
}

/** Rounded to the minute after, since it is an estimate. */
function describeEnd({ stage, endsAt, requestsLeft }: JobStatus): string | undefined {
  if (endsAt === undefined) return undefined;
  const at = clockOf(new Date(Math.ceil(Date.parse(endsAt) / MINUTE_MS) * MINUTE_MS).toISOString());
  if (stage.stage !== 'training') return `**Should end about ${at}**, at the pace of its rows so far.`;
  const rows = requestsLeft ? '; how long its rows take is not known before the first ones' : '';
  return `**Should end about ${at}**, at the pace of its epochs so far; sooner, if the training stops early${rows}.`;
}

function describeWait({ reason, what, until }: Wait): string {
  const waits = `**Waits${until === undefined ? '' : ` until ${clockOf(until)}`}** (${reason.replace('_', ' ')})`;
  return [`${waits}: ${escapeMarkdown(what)}`, HOW_TO_GO_ON[reason]].filter((part) => part !== undefined).join('\n\n');
}

function describeAsked(asked: JobStatus['asked']): string {
  return [
    'Asked of the API, and not answered yet:',
    asked.map(({ what, since }) => `- ${escapeMarkdown(what)}, since ${clockOf(since)}`).join('\n'),
    'Until then it waits for its turn in the request budget, or for the answer; "Pending Activities" has the last answer and the next try.',
  ].join('\n\n');
}

const hasEnded = ({ stage }: Stage): boolean => ['done', 'failed', 'cancelled'].includes(stage);
