/** What a finished job answers. Small: it is shown whole in the Temporal Web UI. */
import { z } from 'zod';
import { modelIdSchema } from './ids.js';
import { trainedModelSchema } from './requests.js';

export const trainingResultSchema = z.object({
  epochs: z.number().optional(),
  trainLoss: z.number().optional(),
  validationLoss: z.number().optional(),
  earlyStopped: z.boolean().optional(),
  durationSeconds: z.number().optional(),
});
export type TrainingResult = z.infer<typeof trainingResultSchema>;

export const outputResultSchema = z.object({
  uri: z.string(),
  format: z.string(),
  rows: z.number(),
  bytes: z.number(),
  sha256: z.string(),
});
export type OutputResult = z.infer<typeof outputResultSchema>;

/** Scores are 0..1, null where there was nothing to score. */
export const reportResultSchema = z.object({
  uri: z.string(),
  overall: z.number().nullable(),
  columns: z.number().nullable(),
  pairs: z.number().nullable(),
  /** Share of the synthetic rows that equal a real row in every column. */
  copiesShare: z.number(),
});
export type ReportResult = z.infer<typeof reportResultSchema>;

const modelFate = z.object({ id: modelIdSchema, kept: z.boolean() });

export const synthesizeResultSchema = z.object({
  output: outputResultSchema,
  /** Present when the request asked for one and it could be made. */
  report: reportResultSchema.optional(),
  rowsTrained: z.number(),
  model: modelFate,
  /** Present when the model was kept: what `generate` takes. */
  trained: trainedModelSchema.optional(),
  training: trainingResultSchema,
  /** API requests sent for steps that succeeded in the end, every attempt of them counted. */
  requests: z.number(),
  warnings: z.array(z.string()),
});
export type SynthesizeResult = z.infer<typeof synthesizeResultSchema>;

export const trainResultSchema = z.object({
  trained: trainedModelSchema,
  training: trainingResultSchema,
  requests: z.number(),
  warnings: z.array(z.string()),
});
export type TrainResult = z.infer<typeof trainResultSchema>;

export const generateResultSchema = z.object({
  output: outputResultSchema,
  model: modelFate,
  requests: z.number(),
  warnings: z.array(z.string()),
});
export type GenerateResult = z.infer<typeof generateResultSchema>;
