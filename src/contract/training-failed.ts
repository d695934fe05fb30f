/** How a failed training is told, whoever has seen it. */
import type { ApplicationFailure } from '@temporalio/common';
import { MESSAGE_BYTES_MAX } from './limits.js';
import { makeFailure } from './make-failure.js';
import { cutToBytes } from './text.js';

export function trainingFailed(model: {
  modelId: string;
  /** The API's own words. */
  error?: string | undefined;
  requestId?: string | undefined;
}): ApplicationFailure {
  const { modelId, error = 'no reason was given', requestId } = model;
  return makeFailure({
    message: cutToBytes(`The training of ${modelId} failed: ${error}`, MESSAGE_BYTES_MAX),
    nonRetryable: true,
    details: { code: 'training_failed', ...(requestId === undefined ? {} : { request_id: requestId }) },
  });
}
