/** Models that no job of this namespace has told to be its own: somebody else's, or one that a job never learnt of. */
import { getClient } from '@temporalio/activity';
import type { ModelId } from '../contract/ids.js';
import { SEARCH_ATTRIBUTES } from '../contract/messages.js';
import { attempt } from './attempt.js';

/** @returns those of the models, in order, at most `max` */
export const findUnaccounted =
  () =>
  ({ models, max }: { models: ModelId[]; max: number }): Promise<ModelId[]> =>
    attempt(async (signal) => {
      const { workflow } = getClient();
      const unaccounted: ModelId[] = [];
      for (const modelId of models) {
        signal.throwIfAborted();
        if (unaccounted.length >= max) break;
        const { count } = await workflow.count(`${SEARCH_ATTRIBUTES.modelId.name} = '${modelId}'`);
        if (count === 0) unaccounted.push(modelId);
      }
      return unaccounted;
    });
