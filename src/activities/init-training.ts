/** POST /v1/models/{id}/init-training: streams the encoded batches. */
import type { ArtifactRef } from '../contract/artifact.js';
import type { ModelId } from '../contract/ids.js';
import { artifactBody } from './artifact-body.js';
import { attemptRequest } from './attempt.js';
import type { ApiDeps, Attempted } from './deps.js';

export interface InitTrainingInput {
  key: string;
  modelId: ModelId;
  body: ArtifactRef;
}

export const initTraining =
  ({ api, artifacts, turns }: ApiDeps) =>
  ({ key, modelId, body }: InitTrainingInput): Promise<Attempted<object>> =>
    attemptRequest(
      { turns, kind: 'prepare', modelOf: () => modelId },
      (signal) => api.initTraining(modelId, artifactBody(artifacts, body), { idempotencyKey: key, signal }),
      () => ({}),
    );
