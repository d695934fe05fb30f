/** Removes artifacts that nobody needs any more: encoded batches and codes of private rows should not outlive their job. */
import { attempt } from './attempt.js';
import type { DataDeps } from './deps.js';

export const discardArtifacts =
  ({ artifacts }: DataDeps) =>
  ({ groups }: { groups: string[] }): Promise<void> =>
    attempt(async () => {
      for (const group of groups) await artifacts.removeJob(group);
    });
