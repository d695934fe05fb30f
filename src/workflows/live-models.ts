/**
 * Which models of an account live: its list is read once, page by page. What no page tells, because the API has no list
 * or it is very long, is looked at singly.
 */
import type { ModelId } from '../contract/ids.js';
import { MODELS_PAGES_MAX, REAP_REQUEST_MS } from '../contract/limits.js';
import type { askApi } from './ask-api.js';

type Ask = ReturnType<typeof askApi>['ask'];

export interface LiveModels {
  isAlive(modelId: ModelId): Promise<boolean>;
  /** It was deleted meanwhile. */
  isGone(modelId: ModelId): void;
  /** Newest first, as far as the list was read. */
  listed(): Promise<readonly ModelId[]>;
  /** For the next run, where it was read and is not too long. */
  toCarryOver(): ModelList | undefined;
}

/** The list as it was read. */
export interface ModelList {
  models: readonly ModelId[];
  /** False: there are models that it does not name. */
  isWhole: boolean;
}

/** @param known read by the run before, where the reap goes on */
export function findLiveModels(ask: Ask, known?: ModelList): LiveModels {
  let read = known;
  const gone = new Set<ModelId>();
  const list = async (): Promise<ModelList> => {
    read ??= await readList(ask);
    return read;
  };
  return {
    async isAlive(modelId) {
      if (gone.has(modelId)) return false;
      const { models, isWhole } = await list();
      if (models.includes(modelId)) return true;
      if (isWhole) return false;
      const errand = { kind: 'look' as const, summary: `look whether ${modelId} is alive`, forMs: REAP_REQUEST_MS };
      return (await ask(errand, (api) => api.findModel({ modelId }))).status !== undefined;
    },
    isGone: (modelId) => void gone.add(modelId),
    listed: async () => (await list()).models.filter((modelId) => !gone.has(modelId)),
    toCarryOver: () => (read !== undefined && read.models.length <= CARRIED_MAX ? read : undefined),
  };
}

/** 40 KB of history. */
const CARRIED_MAX = 2_000;

async function readList(ask: Ask): Promise<ModelList> {
  const models: ModelId[] = [];
  for (let page = 1; page <= MODELS_PAGES_MAX; page += 1) {
    const errand = { kind: 'look' as const, summary: `list the models, page ${page}`, forMs: REAP_REQUEST_MS };
    const startingAfter = models.at(-1);
    const listed = await ask(errand, (api) => api.listModels({ startingAfter }));
    models.push(...listed.models.map(({ id }) => id));
    if (!listed.isThere) return { models, isWhole: false };
    if (!listed.hasMore || listed.models.length === 0) return { models, isWhole: true };
  }
  return { models, isWhole: false };
}
