/** A table as an artifact: a Parquet file, which keeps the types of its columns. */
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArtifactStore } from '../artifacts/artifact-store.js';
import type { ArtifactRef } from '../contract/artifact.js';
import { type PlainTable, writeTable } from '../table/index.js';

export async function storeTable(
  artifacts: ArtifactStore,
  job: string,
  name: string,
  table: PlainTable,
): Promise<ArtifactRef> {
  const folder = await mkdtemp(join(tmpdir(), 'dxo-part-'));
  try {
    const path = join(folder, 'part.parquet');
    await writeTable(table, path, 'parquet');
    return await artifacts.write(job, name, createReadStream(path));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
