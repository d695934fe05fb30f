/**
 * What a job is about, for the Temporal Web UI, written once when it starts: a summary of one line and the details below
 * it in Markdown. Names and numbers of the request only, never a value of the table.
 * Not here: what a job is doing right now (workflows).
 */
import type { BatchRequest } from './batch.js';
import { givenTableOf } from './given-table.js';
import type { WorkflowType } from './messages.js';
import type { ReapRequest } from './reap.js';
import type { GenerateRequest, SynthesizeRequest, TrainRequest } from './requests.js';
import { cutToBytes, escapeMarkdown } from './text.js';

/** Temporal asks for 400 bytes at most; escaping may double them. */
const SUMMARY_BYTES_MAX = 200;
/** A URI may have 4 096 characters; nobody reads so many. */
const URI_BYTES_MAX = 500;

type ModelRequest = SynthesizeRequest | TrainRequest | GenerateRequest | BatchRequest;
export type AnyRequest = ModelRequest | ReapRequest;

/** `synthesize customers.csv to synthetic.parquet` */
export function summarizeRequest(kind: WorkflowType, request: AnyRequest): string {
  const to = 'output' in request ? ` to ${nameOf(request.output.uri)}` : '';
  return escapeMarkdown(cutToBytes(`${kind} ${subjectOf(request)}${to}`, SUMMARY_BYTES_MAX));
}

/** What, how many rows, to where, and what holds for the job from its start: Markdown. */
export function detailRequest(kind: WorkflowType, request: AnyRequest): string {
  const list = linesOf(request)
    .map(([name, text]) => `- ${name}: ${escapeMarkdown(text ?? '')}`)
    .join('\n');
  return `**${kind} ${escapeMarkdown(cutToBytes(subjectOf(request), SUMMARY_BYTES_MAX))}**\n\n${list}`;
}

function linesOf(request: AnyRequest): string[][] {
  if (isReap(request)) {
    return [
      ['account', request.account],
      ['jobs that ended within', `${request.days} days`],
      ['deletes', request.dryRun ? 'nothing: a dry run' : 'what is left over'],
    ];
  }
  return [
    ...('retryOf' in request && request.retryOf !== undefined && 'job' in request.retryOf
      ? [['goes on with', request.retryOf.job]]
      : []),
    ...sourceLines(request),
    ...rowsLines(request),
    ...('output' in request ? [['to', shownUri(request.output.uri)]] : []),
    ...('model' in request
      ? [['model', `${request.model.model_size}, at most ${request.model.max_epochs} epochs, ${fateOf(request)}`]]
      : []),
    ['account', 'trained' in request ? request.trained.account : request.account],
    ...(request.deadline === undefined ? [] : [['deadline', request.deadline]]),
    ...('onQuota' in request.policy
      ? [['when the row quota is used up', request.policy.onQuota === 'hold' ? 'waits for the reset' : 'fails']]
      : []),
  ];
}

const isReap = (request: AnyRequest): request is ReapRequest => 'dryRun' in request;

function subjectOf(request: AnyRequest): string {
  if (isReap(request)) return `what jobs of ${request.account} left behind`;
  if ('table' in request) return nameOf(request.table.uri);
  return 'trained' in request ? request.trained.modelId : nameOf(request.manifest.uri);
}

function sourceLines(request: ModelRequest): string[][] {
  if ('table' in request) return [['from', shownUri(request.table.uri)]];
  if ('trained' in request) {
    return [['from', `model ${request.trained.modelId}, trained on ${request.trained.rows} rows`]];
  }
  return [['items', `${request.kind}, listed in ${shownUri(request.manifest.uri)}`]];
}

function rowsLines(request: ModelRequest): string[][] {
  if (!('generation' in request)) return [];
  const given = givenTableOf(request.generation);
  if (given !== undefined) {
    return [['rows', `those of ${shownUri(given.source.uri)}, ${given.isToImpute ? 'holes filled' : 'as conditions'}`]];
  }
  return [['rows', String(request.generation.n_samples ?? 'as many as were trained on')]];
}

function fateOf({ policy }: SynthesizeRequest | TrainRequest): string {
  return 'keepModel' in policy && !policy.keepModel ? 'deleted at the end' : 'kept';
}

const nameOf = (uri: string): string => uri.split('/').at(-1) || uri;
const shownUri = (uri: string): string => cutToBytes(uri, URI_BYTES_MAX);
