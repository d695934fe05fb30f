/**
 * What a job hears of its model from the account's watch. News may come twice, late, or not at all: the last word on a model
 * is the same however often it is said, and a job that hears nothing asks again to be told (follow-model.ts).
 */
import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import type { ModelId } from '../contract/ids.js';
import { WATCH_SILENCE_MS } from '../contract/limits.js';
import { MODEL_NEWS_SIGNAL, type ModelNews, modelNewsSchema } from '../contract/watch.js';

export interface NewsOfModels {
  /** @param summary what the Web UI shows beside the timer @returns undefined after WATCH_SILENCE_MS without any */
  next(modelId: ModelId, summary: string): Promise<ModelNews | undefined>;
}

export function hearNewsOfModels(): NewsOfModels {
  const heard: ModelNews[] = [];
  setHandler(
    defineSignal<[unknown]>(MODEL_NEWS_SIGNAL),
    (input) => {
      const { data } = modelNewsSchema.safeParse(input);
      if (data !== undefined) heard.push(data);
    },
    { description: "From the account's watch: what has become of this job's model" },
  );
  return {
    async next(modelId, summary) {
      while (await condition(() => heard.length > 0, WATCH_SILENCE_MS, { summary })) {
        const news = heard.shift();
        if (news?.modelId === modelId) return news;
      }
      return undefined;
    },
  };
}
