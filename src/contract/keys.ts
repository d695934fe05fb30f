/**
 * Idempotency keys: one for each logical request of a job, the same on every retry, worker and continued run.
 * Computed in the workflow and passed as an argument, so that history holds the key before the request is sent.
 * `firstExecutionRunId` stays through continue-as-new and reset, and differs for a second job under the same id;
 * `generation` grows only when the API surely did not execute the request and waiting changes its answer.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

export interface KeyScope {
  namespace: string;
  workflowId: string;
  firstExecutionRunId: string;
}

export type KeyedStep = 'create' | 'init-training' | 'train' | 'generate';

/** 64 hex digits. Parts are length-prefixed by JSON, so that no two requests can spell the same text. */
export function idempotencyKey(scope: KeyScope, step: KeyedStep, index: number, generation: number): string {
  return digest([scope.namespace, scope.workflowId, scope.firstExecutionRunId, step, index, generation]);
}

/** A 31-bit seed for one purpose of a job: from the request's seed where it has one, else from the job itself. */
export function seedOf(root: KeyScope | number, purpose: string, index = 0): number {
  const parts = typeof root === 'number' ? [root] : [root.namespace, root.workflowId, root.firstExecutionRunId];
  return Number.parseInt(digest([...parts, purpose, index]).slice(0, 8), 16) >>> 1;
}

function digest(parts: readonly (string | number)[]): string {
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(parts))));
}
