/** A request body that is streamed from the artifact store, so that no buffer ever holds a whole upload. */
import type { RequestBody } from '../api/dataxid-api.js';
import type { ArtifactStore } from '../artifacts/artifact-store.js';
import type { ArtifactRef } from '../contract/artifact.js';

export function artifactBody(artifacts: ArtifactStore, ref: ArtifactRef): RequestBody {
  return { bytes: ref.bytes, chunks: () => artifacts.read(ref) };
}
