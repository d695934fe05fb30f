/** What a job's history says that it had done, in the words of a retry. Artifacts may be gone; models may be deleted. */
import { z } from 'zod';
import { artifactRefSchema } from '../contract/artifact.js';
import { modelIdSchema } from '../contract/ids.js';
import { trainingResultSchema } from '../contract/results.js';
import {
  type PreparedTraining,
  preparedTrainingSchema,
  type Reusable,
  type ReusableChunk,
} from '../contract/reusable.js';
import type { JobHistory, Step } from './job-history.js';
import { createdModels, leftBehindBy, stepsNamed, takenOver } from './left-behind.js';

const ofModelSchema = z.object({ modelId: modelIdSchema });
const chunkSchema = z.object({ index: z.number(), firstRow: z.number(), rows: z.number() });
const codesSchema = z.object({ codes: artifactRefSchema });
const partSchema = z.object({ part: artifactRefSchema });
/** As `awaitModel` and `startTraining` answer where the training is done. */
const trainedSchema = z
  .object({ training: trainingResultSchema.optional(), finished: trainingResultSchema.optional() })
  .transform(({ training, finished }) => training ?? finished);

/** @param job its workflow id */
export function stepsDoneBy(job: string, history: JobHistory, nowMs: number): Reusable {
  const { models, creations, groups } = leftBehindBy(job, history);
  const prepared = preparedBy(history);
  const before = takenOver(history);
  // What was prepared anew belongs to no model of before.
  const base = prepared === undefined ? before : undefined;
  const basePrepared = base?.prepared;
  const model = modelOf(history, base?.model);
  const isBaseModel = model !== undefined && model.id === base?.model?.id;
  const creation = creations.findLast(({ knownUntilMs }) => knownUntilMs > nowMs);
  return {
    groups,
    models,
    ...(prepared !== undefined ? { prepared } : basePrepared !== undefined ? { prepared: basePrepared } : {}),
    ...(model !== undefined || creation === undefined
      ? {}
      : { creation: { key: creation.key, knownUntilMs: creation.knownUntilMs } }),
    ...(model === undefined ? {} : { model }),
    chunks: chunksOf(history, model === undefined || isBaseModel ? (base?.chunks ?? []) : []),
    mayHaveWritten: base?.mayHaveWritten === true || stepsNamed(history, 'assembleOutput').length > 0,
    wasToldToKeep: before?.wasToldToKeep === true || history.updates.includes('keep'),
    gone: [],
  };
}

function preparedBy(history: JobHistory): Reusable['prepared'] {
  const [step] = done(history, 'prepareTraining').reverse();
  if (step === undefined) return undefined;
  const result: PreparedTraining | undefined = preparedTrainingSchema.safeParse(step.result).data;
  const { modelGroup } = step.input;
  return result === undefined || typeof modelGroup !== 'string'
    ? undefined
    : { ...result, modelGroup, hasBodies: true };
}

/** The last one that the job made, else the one that it had taken over. */
function modelOf(history: JobHistory, base: Reusable['model']): Reusable['model'] {
  const id = createdModels(history).at(-1) ?? base?.id;
  if (id === undefined) return undefined;
  const ofIt = (activity: string) =>
    done(history, activity).filter(({ input }) => ofModelSchema.safeParse(input).data?.modelId === id);
  const known = base?.id === id ? base : undefined;
  const training = [...ofIt('startTraining'), ...ofIt('awaitModel')]
    .map(({ result }) => trainedSchema.safeParse(result).data)
    .findLast((result) => result !== undefined);
  return {
    id,
    isUploaded: known?.isUploaded === true || ofIt('initTraining').length > 0,
    ...(training !== undefined ? { training } : known?.training === undefined ? {} : { training: known.training }),
  };
}

function chunksOf(history: JobHistory, base: readonly ReusableChunk[]): ReusableChunk[] {
  const chunks = new Map(base.map((chunk) => [chunk.index, chunk]));
  for (const activity of ['generateCodes', 'decodeChunk']) {
    for (const { input, result } of done(history, activity)) {
      const chunk = chunkSchema.safeParse(input.chunk).data;
      const artifact = codesSchema.safeParse(result).data ?? partSchema.safeParse(result).data;
      if (chunk === undefined || artifact === undefined) continue;
      chunks.set(chunk.index, { ...chunks.get(chunk.index), ...chunk, ...artifact });
    }
  }
  return [...chunks.values()].sort((one, other) => one.index - other.index);
}

/** Steps that were done, in order. */
function done(history: JobHistory, activity: string): { input: Step['input']; result: unknown }[] {
  return stepsNamed(history, activity).flatMap(({ input, end }) =>
    end !== undefined && 'result' in end ? [{ input, result: end.result }] : [],
  );
}
