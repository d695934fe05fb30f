/** POST /v1/models/{id}/init-training: streams the encoded batches. */
import type { ArtifactRef } from '../contract/artifact.js';
import type { ModelId } from '../contract/ids.js';
import { artifactBody } from './artifact-body.js';
import { attemptRequest } from './attempt.js';
import type { ApiDeps, Attempted } from './deps.js';
import { useKey } from './use-key.js';

export interface InitTrainingInput {
  /** Artifacts that end with the job. */
  job: string;
  key: string;
  modelId: ModelId;
  body: ArtifactRef;
}

export const initTraining =
  (deps: ApiDeps) =>
  ({ job, key, modelId, body }: InitTrainingInput): Promise<Attempted<object>> =>
    attemptRequest(
      { turns: deps.turns, kind: 'prepare', modelOf: () => modelId, prepare: () => useKey(deps, { job, key }) },
      (signal) => deps.api.initTraining(modelId, artifactBody(deps.artifacts, body), { idempotencyKey: key, signal }),
      () => ({}),
    );
