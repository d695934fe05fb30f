/** What activities are given: made once by the worker, never looked up. */
import type { DataxidApi } from '../api/dataxid-api.js';
import type { ArtifactStore } from '../artifacts/artifact-store.js';
import type { FileAccess } from '../artifacts/file-access.js';
import type { Turns } from '../budget/turns.js';
import type { Allowance } from '../contract/budget-time.js';

export interface ApiDeps {
  api: DataxidApi;
  artifacts: ArtifactStore;
  /** The account's request budget. */
  turns: Turns;
  /** How long an idempotency key may be used after its first request. */
  keyUseMs: number;
}

export interface DataDeps {
  artifacts: ArtifactStore;
  /** Asked anew by each activity: the command line adds to it while the worker runs. */
  access: () => Promise<FileAccess>;
  /** What the API allows an account; undefined: nobody has told yet. */
  allowanceOf: (account: string) => Promise<Allowance | undefined>;
}

/** One attempt is one request: the last attempt's number is how many were sent. */
export type Attempted<T> = T & { attempts: number };
