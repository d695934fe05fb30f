/** How an operator asks and steers a running batch: the query, the update, the signal, from the Web UI or any SDK. */
import { defineQuery, defineUpdate, setHandler } from '@temporalio/workflow';
import { SET_CONCURRENCY, type SetConcurrencyInput, setConcurrencyInputSchema } from '../contract/batch.js';
import type { BatchStatus } from '../contract/batch-results.js';
import { QUERIES } from '../contract/messages.js';
import { letBeCancelled } from './cancel-signal.js';
import { parseInput } from './parse-request.js';

/** What the batch lets itself be asked and told. */
export interface SteeredBatch {
  status: () => BatchStatus;
  setAtOnce: (count: number) => void;
  cancelledBecause: (reason: string) => void;
}

export function letBatchBeSteered(batch: SteeredBatch): void {
  setHandler(defineQuery<BatchStatus>(QUERIES.status), batch.status, {
    description: 'How many items are done, failed, under way and waiting, and the last failures',
  });
  setHandler(
    defineUpdate<BatchStatus, [SetConcurrencyInput]>(SET_CONCURRENCY),
    ({ atOnce }) => {
      batch.setAtOnce(atOnce);
      return batch.status();
    },
    {
      description: 'More or fewer items at once from now on: {"atOnce": 20}',
      validator: (input: SetConcurrencyInput) => {
        parseInput(setConcurrencyInputSchema, input, `The update ${SET_CONCURRENCY}`);
      },
    },
  );
  letBeCancelled(
    'End the batch, its jobs under way too, and write what was done: {"reason": "wrong manifest"}',
    batch.cancelledBecause,
  );
}
