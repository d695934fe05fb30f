/** The metadata artifact of a trained model: what turns codes back into values. Written once, read by every chunk. */
import type { ArtifactStore } from '../artifacts/artifact-store.js';
import type { ArtifactRef } from '../contract/artifact.js';
import type { ModelSettings } from '../contract/requests.js';
import type { Analysis } from '../table/index.js';

export interface TrainedMetadata {
  analysis: Analysis;
  model: ModelSettings;
}

/** Vocabularies of very wide or varied tables; more is refused rather than read into memory. */
const METADATA_BYTES_MAX = 512 * 1024 * 1024;

export function writeTrainedMetadata(
  artifacts: ArtifactStore,
  group: string,
  metadata: TrainedMetadata,
): Promise<ArtifactRef> {
  return artifacts.write(group, 'metadata.json', [Buffer.from(JSON.stringify(metadata))]);
}

export async function readTrainedMetadata(artifacts: ArtifactStore, ref: ArtifactRef): Promise<TrainedMetadata> {
  const bytes = await artifacts.readAll(ref, METADATA_BYTES_MAX);
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as TrainedMetadata;
}
