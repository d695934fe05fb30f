/** Removes artifacts that nobody needs any more: encoded batches and codes of private rows should not outlive their job. */
import type { ArtifactRef } from '../contract/artifact.js';
import { attempt } from './attempt.js';
import type { DataDeps } from './deps.js';

export interface DiscardArtifactsInput {
  /** By the names that they were written under. */
  groups: string[];
  /** More groups, each by an artifact in it. */
  of?: ArtifactRef[];
  /** Groups that have one of these stay. */
  but?: ArtifactRef[];
}

export const discardArtifacts =
  ({ artifacts }: DataDeps) =>
  ({ groups, of = [], but = [] }: DiscardArtifactsInput): Promise<void> =>
    attempt(async () => {
      for (const group of groups) {
        if (!but.some((ref) => artifacts.isOfJob(group, ref))) await artifacts.removeJob(group);
      }
      for (const ref of of) await artifacts.removeGroupOf(ref);
    });
