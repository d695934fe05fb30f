/** What happens in the sandbox, as it is written to the journal and added up by sandbox-state.ts. */
import type { Call, FaultRule } from './faults.js';
import type { StoredAnswer } from './stored-answers.js';
import type { Training, Upload } from './training-course.js';
import type { TableShape } from './training-data.js';
import type { ClockAnchor } from './virtual-clock.js';

export interface Model extends TableShape {
  id: string;
  organization: string;
  createdAtMs: number;
  seqLenMax: number;
  upload?: Upload;
  training?: Training;
}

export type Change =
  | { type: 'model-created'; model: Model }
  | { type: 'training-initialized'; modelId: string; upload: Upload }
  | { type: 'training-started'; modelId: string; training: Training }
  | { type: 'model-deleted'; modelId: string }
  | { type: 'rows-billed'; organization: string; period: string; rows: number };

export interface LedgerEntry {
  sequence: number;
  requestId: string;
  /** ISO 8601, by the wall clock. */
  at: string;
  /** Milliseconds since 1970, by the virtual clock. */
  virtualMs: number;
  organization: string | null;
  method: string;
  path: string;
  call: Call;
  idempotencyKey: string | null;
  bodySha256: string;
  bytes: number;
  /** Whether the request changed anything, or a stored answer was given again. */
  effect: 'applied' | 'replayed' | 'none';
  /** Null: the connection was cut without an answer. */
  status: number | null;
  code: string | null;
  modelId: string | null;
  rowsBilled: number;
  fault: FaultRule['kind'] | null;
  /** Whether it took a place in the rate window. */
  counted: boolean;
}

export interface Limits {
  /** Requests in any 60 virtual seconds, for each organization. */
  rateLimit: number;
  /** Generated rows in a billing period, for each organization. */
  quotaRows: number;
}

export type SandboxEvent =
  | { type: 'clock'; anchor: ClockAnchor }
  | { type: 'request'; entry: LedgerEntry; changes: Change[]; stored?: StoredAnswer | undefined }
  | { type: 'limits'; limits: Partial<Limits> }
  | { type: 'faults-added'; rules: FaultRule[] }
  | { type: 'faults-cleared' }
  | { type: 'trainings-to-fail'; error: string; times: number };
