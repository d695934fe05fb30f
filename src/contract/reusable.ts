/**
 * What a retry finds of the ended job, and from which stage it can go on: decided here, purely, from facts.
 * Not here: reading the facts from a history (activities/find-reusable.ts), taking them over (workflows/take-over.ts).
 */
import { z } from 'zod';
import { artifactRefSchema } from './artifact.js';
import { modelIdSchema } from './ids.js';
import type { JobKind } from './requests.js';
import { trainingResultSchema } from './results.js';
import { RETRY_STAGES, type RetryOf, type RetryStage } from './retry.js';

/** What preparing gave: bodies to send, and what decodes the answers. */
export const preparedTrainingSchema = z.object({
  metadata: artifactRefSchema,
  create: artifactRefSchema,
  upload: artifactRefSchema,
  rows: z.number(),
  /** What the rows of a generation are given, where they are. */
  given: z.object({ index: artifactRefSchema, rows: z.number() }).optional(),
  warnings: z.array(z.string()),
});
export type PreparedTraining = z.infer<typeof preparedTrainingSchema>;

const reusableChunkSchema = z.object({
  index: z.number(),
  firstRow: z.number(),
  rows: z.number(),
  /** The codes as the API gave them, or the values where they were decoded. */
  codes: artifactRefSchema.optional(),
  part: artifactRefSchema.optional(),
});
export type ReusableChunk = z.infer<typeof reusableChunkSchema>;

/** What an ended job had done, as far as it is still there: every artifact named here was read, and is whole. */
export const reusableSchema = z.object({
  /** Groups of artifacts that whoever takes over answers for. */
  groups: z.array(z.string()),
  /** Present when the metadata is there; `modelGroup` is the group that it is in. */
  prepared: preparedTrainingSchema.extend({ modelGroup: z.string(), hasBodies: z.boolean() }).optional(),
  /** A creation that nobody recorded the answer of: asked again under its key, it gives the model. */
  creation: z.object({ key: z.string(), knownUntilMs: z.number() }).optional(),
  /** Models that whoever takes over answers for. */
  models: z.array(modelIdSchema),
  /** The one of them to go on with. */
  model: z.object({ id: modelIdSchema, isUploaded: z.boolean(), training: trainingResultSchema.optional() }).optional(),
  chunks: z.array(reusableChunkSchema),
  /** It had come to writing the output, which may be there. */
  mayHaveWritten: z.boolean(),
  /** The update `keep` had been sent to the job. */
  wasToldToKeep: z.boolean(),
  /** What was there once and cannot be used, in sentences. */
  gone: z.array(z.string()),
});
export type Reusable = z.infer<typeof reusableSchema>;

/**
 * The stages that a new job can go on from, earliest first.
 * @param status of the model, as a look at it said; undefined: it is gone, or there is none
 */
export function stagesToGoOnFrom(
  kind: JobKind,
  { prepared, model }: Reusable,
  status: string | undefined,
): readonly RetryStage[] {
  if (kind === 'generate') return ['preparing', 'generating'];
  const hasBodies = prepared?.hasBodies === true;
  const mayTrain = ['created', 'building', 'training'].includes(status ?? '') && model?.isUploaded === true;
  const isReady = prepared !== undefined && status === 'ready';
  const can: Record<RetryStage, boolean> = {
    preparing: true,
    creating: hasBodies,
    uploading: hasBodies && status === 'created',
    training: isReady || (prepared !== undefined && mayTrain),
    generating: isReady && kind === 'synthesize',
  };
  return RETRY_STAGES.filter((stage) => can[stage]);
}

/** Why a job cannot go on from the stage that was asked for, and from which it can. */
export function whyNotFrom(
  { job, from }: RetryOf,
  { gone, model }: Reusable,
  status: string | undefined,
  can: readonly RetryStage[],
): string {
  const ofModel =
    model === undefined
      ? 'It has no model that is known.'
      : `Its model ${model.id} is ${status === undefined ? 'gone' : status}.`;
  return [`${job} cannot be retried from ${from}.`, ofModel, ...gone, `--from ${can.join(' or ')} works.`].join(' ');
}
