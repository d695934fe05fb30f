/**
 * What a job left behind, as its history proves it: models that it made or took over and did not delete, creations that
 * nobody knows the answer of, artifacts. And the reverse: the models that it keeps on purpose.
 */
import { z } from 'zod';
import { type ArtifactRef, artifactRefSchema } from '../contract/artifact.js';
import { type ModelId, modelIdSchema } from '../contract/ids.js';
import { KEY_USE_MS } from '../contract/limits.js';
import type { FailureDetails } from '../contract/messages.js';
import type { JobKind } from '../contract/requests.js';
import { type Reusable, reusableSchema } from '../contract/reusable.js';
import { mayHaveTakenEffect, provesNoEffect } from '../contract/taken-effect.js';
import type { JobHistory, Step } from './job-history.js';

/** A creation whose answer is not recorded. */
export interface OpenCreation {
  key: string;
  body: ArtifactRef;
  /** Until when the API is sure to know the key. Milliseconds since 1970. */
  knownUntilMs: number;
}

export interface LeftBehind {
  /** Made by a step of this history, or by one of the job that it took over, and not deleted by it. */
  models: ModelId[];
  /** Made by somebody else, given to this `generate`, and to be deleted by it, which it did not come to. */
  condemned: ModelId[];
  creations: OpenCreation[];
  /** Groups of artifacts. */
  groups: string[];
}

const createInputSchema = z.object({ key: z.string(), body: artifactRefSchema });
const groupsSchema = z.object({ groups: z.array(z.string()) });
const modelSchema = z.object({ modelId: modelIdSchema });
const requestSchema = z.object({ policy: z.object({ keepModel: z.boolean().optional() }).optional() });
const resultSchema = z.object({
  model: z.object({ id: modelIdSchema, kept: z.boolean() }).optional(),
  trained: modelSchema.optional(),
});

const GENERATE: JobKind = 'generate';

/** @param id the job's workflow id */
export function leftBehindBy(id: string, history: JobHistory): LeftBehind {
  const taken = takenOver(history);
  const deleted = new Set(modelsOf(history, 'deleteModel'));
  const settled = new Set(created(history).map(({ key }) => key));
  const models = [...new Set([...(taken?.models ?? []), ...createdModels(history)])];
  const open = new Map<string, OpenCreation>();
  if (taken?.creation !== undefined && taken.prepared !== undefined) {
    open.set(taken.creation.key, { ...taken.creation, body: taken.prepared.create });
  }
  const tries = new Map<string, Step[]>();
  for (const step of stepsNamed(history, 'createModel')) {
    const input = createInputSchema.safeParse(step.input).data;
    if (input === undefined) continue;
    tries.set(input.key, [...(tries.get(input.key) ?? []), step]);
    if (!open.has(input.key)) open.set(input.key, { ...input, knownUntilMs: step.askedMs + KEY_USE_MS });
  }
  // What was asked under a key before this job took it over is not in this history.
  for (const [key, steps] of tries) if (key !== taken?.creation?.key && madeNothing(steps)) settled.add(key);
  const given = history.kind === GENERATE ? stepsNamed(history, 'deleteModel') : [];
  const condemned = given.flatMap(({ input }) => modelSchema.safeParse(input).data ?? []);
  const ownGroup = `${id}/${history.firstExecutionRunId}`;
  return {
    models: models.filter((model) => !deleted.has(model)),
    condemned: condemned.map(({ modelId }) => modelId).filter((id) => !deleted.has(id) && !models.includes(id)),
    creations: [...open.values()].filter(({ key }) => !settled.has(key)),
    groups: hasDiscarded(history)
      ? []
      : [...(hasWritten(history) ? [ownGroup, `${ownGroup}/model`] : []), ...(taken?.groups ?? [])],
  };
}

const hasDiscarded = (history: JobHistory): boolean =>
  stepsNamed(history, 'discardArtifacts').some(({ end }) => end !== undefined && 'result' in end);

/** Steps that write artifacts; one that was cut off may have written some. */
const hasWritten = ({ steps }: JobHistory): boolean =>
  steps.some(({ activity }) => ['prepareTraining', 'generateCodes', 'decodeChunk'].includes(activity));

/** What is left of it after a reap that claimed it: what that one began and did not end is its own debt. */
export function withoutReaped(left: LeftBehind, reap: JobHistory): LeftBehind {
  const deleted = modelsOf(reap, 'deleteModel');
  const refused = stepsNamed(reap, 'createModel').filter((step) => provesNoEffect(failureOf(step)));
  const asked = [
    ...created(reap),
    ...refused.flatMap(({ input }) => createInputSchema.safeParse(input).data ?? []),
  ].map(({ key }) => key);
  const discarded = stepsNamed(reap, 'discardArtifacts').flatMap(({ input, end }) =>
    end !== undefined && 'result' in end ? (groupsSchema.safeParse(input).data?.groups ?? []) : [],
  );
  return {
    models: left.models.filter((model) => !deleted.includes(model)),
    condemned: left.condemned.filter((model) => !deleted.includes(model)),
    creations: left.creations.filter(({ key }) => !asked.includes(key)),
    groups: left.groups.filter((group) => !discarded.includes(group)),
  };
}

/** Models that a step of this history made. */
export function createdModels(history: JobHistory): ModelId[] {
  return created(history).map(({ modelId }) => modelId);
}

/** Why this job, which has ended, keeps the model; undefined: it does not. */
export function whyKept(history: JobHistory, modelId: ModelId, nowMs: number): string | undefined {
  const { end, input, kind, updates } = history;
  // A model that `generate` was given is kept by whoever made it, unless the job says so in its result.
  if (kind === GENERATE && end?.status !== 'completed') return undefined;
  if (modelsOf(history, 'deleteModel').includes(modelId)) return undefined;
  const asksToKeep = updates.includes('keep') || requestSchema.safeParse(input).data?.policy?.keepModel === true;
  if (end?.status === 'completed') {
    const { model, trained } = resultSchema.safeParse(end.result).data ?? {};
    return (model?.kept === true && model.id === modelId) || trained?.modelId === modelId
      ? 'its result keeps it'
      : undefined;
  }
  if (end?.status === 'failed' && end.details?.trained?.modelId === modelId) {
    const { kept_until } = end.details;
    if (asksToKeep || kept_until === undefined) return 'it failed after the training, and was to keep the model';
    return Date.parse(kept_until) > nowMs ? `it is kept for a retry until ${kept_until}` : undefined;
  }
  if (end?.status === 'failed' || end?.status === 'cancelled') return undefined;
  return asksToKeep ? 'it was to keep the model, and was stopped' : undefined;
}

/** Until when what the job made is kept for a retry. Milliseconds since 1970; 0: it is not. */
export function keptForRetryUntilMs({ end }: JobHistory): number {
  const until = end?.status === 'failed' ? end.details?.kept_until : undefined;
  return until === undefined ? 0 : Date.parse(until);
}

/** What the job took over from another; undefined where it did not come to that. */
export function takenOver(history: JobHistory): Reusable | undefined {
  const claimed = stepsNamed(history, 'claimLeftovers').some(isClaimedByItself);
  const [found] = stepsNamed(history, 'findReusable');
  return claimed && found?.end !== undefined && 'result' in found.end
    ? reusableSchema.safeParse(found.end.result).data
    : undefined;
}

const claimSchema = z.object({ isMine: z.literal(true) });
const isClaimedByItself = ({ end }: Step): boolean =>
  end !== undefined && 'result' in end && claimSchema.safeParse(end.result).success;

function created(history: JobHistory): { key: string; modelId: ModelId }[] {
  return stepsNamed(history, 'createModel').flatMap(({ input, end }) => {
    const asked = createInputSchema.safeParse(input).data;
    const answer = end !== undefined && 'result' in end ? modelSchema.safeParse(end.result).data : undefined;
    return asked === undefined || answer === undefined ? [] : [{ key: asked.key, modelId: answer.modelId }];
  });
}

/** Models that a step of this name was done with. */
function modelsOf(history: JobHistory, activity: string): ModelId[] {
  return stepsNamed(history, activity).flatMap(({ input, end }) => {
    const model = modelSchema.safeParse(input).data;
    return model === undefined || end === undefined || !('result' in end) ? [] : [model.modelId];
  });
}

const failureOf = ({ end }: Step): FailureDetails | undefined =>
  end !== undefined && 'failed' in end ? end.details : undefined;

const madeNothing = (tries: readonly Step[]): boolean =>
  tries.every((step) => mayHaveTakenEffect(failureOf(step)) === 0);

export const stepsNamed = ({ steps }: JobHistory, activity: string): Step[] =>
  steps.filter((step) => step.activity === activity);
