/** The next items of a batch: one page, or what is left of it. */
import type { ArtifactRef } from '../contract/artifact.js';
import type { BatchItem } from '../contract/batch.js';
import { attempt } from './attempt.js';
import { readPage } from './batch-items.js';
import type { DataDeps } from './deps.js';

export interface ReadBatchItemsInput {
  items: ArtifactRef;
  /** Position among them, from 0. */
  from: number;
  /** Default: to the end of the page. */
  count?: number;
}

export const readBatchItems =
  ({ artifacts }: DataDeps) =>
  ({ items, from, count }: ReadBatchItemsInput): Promise<BatchItem[]> =>
    attempt(async () => (await readPage(artifacts, items, from)).slice(0, count));
