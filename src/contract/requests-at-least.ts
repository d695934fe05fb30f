/**
 * How many requests a job needs at least: one for each call but the looks at a training, which all jobs of an account
 * share, and repeats. What a plan, a batch and a running job go by.
 */
import type { JobKind } from './requests.js';
import type { Stage } from './stage.js';

export interface JobSize {
  kind: JobKind;
  /** Undefined: not known before the table is read. */
  rows?: number | undefined;
  /** Undefined: it makes none. */
  rowsPerChunk?: number | undefined;
  /** How often each row is asked for. */
  trials: number;
  keepsModel: boolean;
}

/** Create, upload, train. */
const TRAINING_REQUESTS = 3;

/** Undefined: it is not known yet how many rows the job makes. */
export function requestsAtLeast(size: JobSize): number | undefined {
  const others = (size.kind === 'generate' ? 0 : TRAINING_REQUESTS) + toDelete(size);
  if (size.kind === 'train') return others;
  const toGenerate = requestsForRows(size, size.rows);
  return toGenerate === undefined ? undefined : others + toGenerate;
}

/** Those still to come, in this stage. Undefined: not known yet, or somebody has to decide first. */
export function requestsLeft(size: JobSize, stage: Stage): number | undefined {
  switch (stage.stage) {
    case 'preparing':
    case 'creating':
      return requestsAtLeast(size);
    case 'uploading':
      return minus(requestsAtLeast(size), 1);
    case 'training':
      return minus(requestsAtLeast(size), TRAINING_REQUESTS);
    case 'generating':
      return (requestsForRows(size, stage.rows - stage.rowsDone) ?? 0) + toDelete(size);
    case 'assembling':
    case 'deleting':
      return toDelete(size);
    case 'held':
      return undefined;
    case 'done':
    case 'failed':
    case 'cancelled':
      return 0;
    default:
      return stage satisfies never;
  }
}

/** Any chunk but the last is full, so that the rows tell how many chunks there are. */
function requestsForRows({ rowsPerChunk, trials }: JobSize, rows: number | undefined): number | undefined {
  return rows === undefined || rowsPerChunk === undefined ? undefined : Math.ceil(rows / rowsPerChunk) * trials;
}

const toDelete = ({ keepsModel }: JobSize): number => (keepsModel ? 0 : 1);
const minus = (count: number | undefined, done: number): number | undefined =>
  count === undefined ? undefined : count - done;
