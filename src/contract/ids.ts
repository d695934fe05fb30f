/**
 * Names that travel: the job's id (the workflow id, shown in every list) and the model's id.
 * A job id is made to be read in the Temporal Web UI, whose list shows nothing else of ours.
 */
import { z } from 'zod';
import { JOB_ID_CHARS_MAX } from './limits.js';

/** `mdl_` and 12 hex digits [doc]; only the prefix is required, so that a longer id still replays. */
export const modelIdSchema = z.string().startsWith('mdl_').max(200).brand<'ModelId'>();
export type ModelId = z.infer<typeof modelIdSchema>;

export const jobIdSchema = z
  .string()
  .min(1)
  .max(JOB_ID_CHARS_MAX)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:-]*$/,
    'A job id has letters, digits and . _ : - only, and begins with a letter or digit',
  );

/** `synthesize-customers-2026-11-22T14-03-07-k3f9`: kind, table, start, and what tells two of one second apart. */
export function jobIdOf(kind: string, tableName: string, now: Date, nonce: string): string {
  const table =
    tableName
      .replace(/[^A-Za-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60) || 'table';
  return `${kind}-${table}-${now.toISOString().slice(0, 19).replaceAll(':', '-')}-${nonce}`;
}
