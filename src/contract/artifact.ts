/**
 * The claim check: what is too large or too private for history is stored, and this small reference travels instead.
 */
import { z } from 'zod';

export const artifactRefSchema = z.object({
  /** `artifact:<job>/<name>`, relative to the store that the worker's settings name. */
  uri: z.string().startsWith('artifact:'),
  bytes: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type ArtifactRef = z.infer<typeof artifactRefSchema>;
