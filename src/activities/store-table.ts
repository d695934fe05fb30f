/** A table as an artifact: a Parquet file, which keeps the types of its columns. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactStore } from '../artifacts/artifact-store.js';
import type { ArtifactRef } from '../contract/artifact.js';
import { type PlainTable, writeTable } from '../table/index.js';
import { withScratchFolder } from '../table/scratch-folder.js';

export function storeTable(
  artifacts: ArtifactStore,
  job: string,
  name: string,
  table: PlainTable,
): Promise<ArtifactRef> {
  return withScratchFolder(async (folder) => {
    const path = join(folder, 'part.parquet');
    await writeTable(table, path, 'parquet');
    return await artifacts.write(job, name, createReadStream(path));
  });
}
