/** What a batch keeps with itself for those who come later, readable without a worker and however it ended. */
import type { Client } from '@temporalio/client';
import { InvalidRequestError } from '../client/errors.js';
import { descriptionOf, type JobDescription } from '../client/job-description.js';
import { BATCH_MEMO_KEY, type BatchMemo, batchMemoSchema } from '../contract/batch-results.js';

/** @returns no memo for a batch that has not read its manifest. @throws InvalidRequestError where the job is no batch */
export async function memoOfBatch(
  client: Client,
  id: string,
): Promise<{ memo: BatchMemo | undefined; description: JobDescription }> {
  const info = await client.workflow.getHandle(id).describe();
  if (info.type !== 'batch') {
    throw new InvalidRequestError(`${id} is a ${info.type} job, not a batch: \`dxo jobs show ${id}\` tells of it.`, [
      'id',
    ]);
  }
  return { memo: batchMemoSchema.safeParse(info.memo?.[BATCH_MEMO_KEY]).data, description: descriptionOf(info) };
}
