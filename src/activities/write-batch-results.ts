/**
 * The manifest of outputs: JSONL, a line an item in the order of the manifest, whatever became of it. It appears whole or
 * not at all; a retry whose first answer was lost finds its own bytes there and is content.
 */
import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ArtifactStore } from '../artifacts/artifact-store.js';
import { resolveWritable } from '../artifacts/file-access.js';
import { publishFile } from '../artifacts/publish.js';
import { writeFailure } from '../artifacts/storage-failure.js';
import type { ArtifactRef } from '../contract/artifact.js';
import type { BatchRequest } from '../contract/batch.js';
import type { BatchResult, ItemResult } from '../contract/batch-results.js';
import { attempt } from './attempt.js';
import { readItemsOf } from './batch-items.js';
import { readOutcomes } from './batch-outcomes.js';
import type { DataDeps } from './deps.js';

export interface WriteBatchResultsInput {
  group: string;
  items: ArtifactRef;
  outcomes?: ArtifactRef | undefined;
  output: BatchRequest['output'];
}

/** Lines written at once. */
const LINES_PER_WRITE = 500;

export const writeBatchResults =
  ({ artifacts, access }: DataDeps) =>
  ({ group, items, outcomes, output }: WriteBatchResultsInput): Promise<BatchResult['output']> =>
    attempt(async () => {
      const path = await resolveWritable(output.uri, await access(), { overwrite: true }, 'output.uri');
      const mark = createHash('sha256').update(group).digest('hex').slice(0, 12);
      const temporaryPath = join(dirname(path), `.${basename(path)}.${mark}`);
      try {
        await writeLines(temporaryPath, linesOf(artifacts, items, outcomes)).catch((error: unknown) => {
          throw writeFailure(error, dirname(path), 'output.uri');
        });
        const published = await publishFile(temporaryPath, path, { overwrite: output.overwrite });
        return { uri: output.uri, ...published };
      } finally {
        await rm(temporaryPath, { force: true });
      }
    });

async function* linesOf(
  artifacts: ArtifactStore,
  items: ArtifactRef,
  outcomes: ArtifactRef | undefined,
): AsyncGenerator<string> {
  const byIndex = await readOutcomes(artifacts, outcomes);
  for await (const { index, name } of readItemsOf(artifacts, items)) {
    const { index: _, status, ...outcome } = byIndex.get(index) ?? { index, status: 'not_run' as const };
    const result: ItemResult = { name, status, ...outcome };
    yield `${JSON.stringify(result)}\n`;
  }
}

async function writeLines(path: string, lines: AsyncIterable<string>): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    let waiting: string[] = [];
    for await (const line of lines) {
      waiting.push(line);
      if (waiting.length < LINES_PER_WRITE) continue;
      await file.writeFile(waiting.join(''));
      waiting = [];
    }
    await file.writeFile(waiting.join(''));
  } finally {
    await file.close();
  }
}
