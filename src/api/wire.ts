/**
 * The API's JSON as we take it: what we need is required, the rest is optional, fields nobody told us of are let by.
 * snake_case ends here. Optional numbers that are not numbers (NaN arrives as null) count as absent: a broken loss
 * must not break a job. Request bodies are not here: table/ makes them.
 */
import { z } from 'zod';
import { modelIdSchema } from '../contract/ids.js';
import type { TrainingResult } from '../contract/results.js';

const optionalNumber = z.number().optional().catch(undefined);
const optionalText = z.string().optional().catch(undefined);

/** `object` and `metadata.timestamp` [ref] tell us nothing that we use. */
export const envelopeSchema = z.object({
  data: z.unknown().refine((data) => data !== undefined && data !== null, 'is missing'),
  metadata: z.object({ has_more: z.boolean().optional() }).optional().catch(undefined),
});

const trainingResultFields = {
  epochs: optionalNumber,
  train_loss: optionalNumber,
  val_loss: optionalNumber,
  early_stopped: z.boolean().optional().catch(undefined),
  duration_seconds: optionalNumber,
};
const trainingResultSchema = z.object(trainingResultFields);
const trainingResultOf = (wire: z.output<typeof trainingResultSchema>): TrainingResult =>
  withoutUndefined({
    epochs: wire.epochs,
    trainLoss: wire.train_loss,
    validationLoss: wire.val_loss,
    earlyStopped: wire.early_stopped,
    durationSeconds: wire.duration_seconds,
  });

/** `error` of a failed model is a text [sdk]; an object with a message is taken too [assumed]. */
const modelErrorSchema = z
  .union([z.string(), z.object({ message: z.string() }).transform(({ message }) => message)])
  .optional()
  .catch(undefined);

export const modelSchema = z
  .object({
    id: modelIdSchema,
    /** created, building, training, ready, failed [doc]; any other text is let by. */
    status: z.string(),
    current_epoch: optionalNumber,
    train_loss: optionalNumber,
    val_loss: optionalNumber,
    training_result: trainingResultSchema.transform(trainingResultOf).optional().catch(undefined),
    error: modelErrorSchema,
  })
  .transform((wire) => ({
    id: wire.id,
    status: wire.status,
    /** 0 before the first epoch. */
    currentEpoch: wire.current_epoch ?? 0,
    trainLoss: wire.train_loss,
    validationLoss: wire.val_loss,
    trainingResult: wire.training_result,
    error: wire.error,
  }));
export type Model = z.infer<typeof modelSchema>;

export const modelsSchema = z.array(modelSchema);

/** The answer to `train`: `status`, or the finished result of a legacy server, known by its `epochs` [sdk]. */
export const startedTrainingSchema = z.union([
  trainingResultSchema
    .extend({ epochs: z.number() })
    .transform((wire) => ({ status: 'ready', finished: trainingResultOf(wire) })),
  z.object({ status: z.string() }).transform(({ status }) => ({ status, finished: undefined })),
]);
export type StartedTraining = z.infer<typeof startedTrainingSchema>;

/** Codes by wire key; only their presence is checked here, decoding checks each. */
export const generatedSchema = z.object({ codes: z.record(z.string(), z.array(z.unknown())) });

/** Everything is optional and forgiving: an error must never fail to be told. `error` may not even be an object. */
export const errorBodySchema = z.object({
  error: z
    .object({
      type: optionalText,
      code: optionalText,
      message: optionalText,
      param: optionalText,
      doc_url: optionalText,
      upgrade_url: optionalText,
      usage: z
        .object({
          used: optionalNumber,
          limit: optionalNumber,
          requested: optionalNumber,
          period: optionalText,
          resets_at: optionalText,
        })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
  request_id: optionalText,
});
export type ErrorBody = z.infer<typeof errorBodySchema>;

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}
