/**
 * An idempotency key is used for less time than the API remembers it. A step whose first request may have gone out longer ago
 * is not repeated: the API would carry it out anew. What then, the workflow decides, which can ask the API or a person.
 * The first use is noted in the artifact store, where it outlives workers, a server that was down, and an operator's reset.
 */
import { makeFailure } from '../contract/make-failure.js';
import { clockOf } from '../contract/text.js';
import type { ApiDeps } from './deps.js';

/** @returns whether it is the first use: no request under the key has been sent. @throws ApplicationFailure key_expired; InputError disk_full, output_unwritable */
export async function useKey(
  { artifacts, keyUseMs }: Pick<ApiDeps, 'artifacts' | 'keyUseMs'>,
  { job, key }: { job: string; key: string },
): Promise<boolean> {
  const first = await artifacts.firstTime(job, key);
  if (Date.now() - first.atMs <= keyUseMs) return first.isNow;
  const since = clockOf(new Date(first.atMs).toISOString());
  throw makeFailure({
    message: `It may have been asked since ${since}, and the API remembers a request for 24 hours: asked again, it would be carried out anew.`,
    nonRetryable: true,
    details: { code: 'key_expired' },
  });
}
