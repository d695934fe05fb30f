/** POST /v1/models: one request, under a key that history already holds. */
import type { Model } from '../api/wire.js';
import type { ArtifactRef } from '../contract/artifact.js';
import type { ModelId } from '../contract/ids.js';
import { artifactBody } from './artifact-body.js';
import { attemptRequest } from './attempt.js';
import type { ApiDeps, Attempted } from './deps.js';

export interface CreateModelInput {
  key: string;
  body: ArtifactRef;
}

export const createModel =
  ({ api, artifacts, turns }: ApiDeps) =>
  ({ key, body }: CreateModelInput): Promise<Attempted<{ modelId: ModelId }>> =>
    attemptRequest(
      { turns, kind: 'prepare', modelOf: ({ id }: Model) => id },
      (signal) => api.createModel(artifactBody(artifacts, body), { idempotencyKey: key, signal }),
      ({ id }) => ({ modelId: id }),
    );
