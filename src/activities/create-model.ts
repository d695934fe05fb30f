/** POST /v1/models: one request, under a key that history already holds. */
import type { Model } from '../api/wire.js';
import type { ArtifactRef } from '../contract/artifact.js';
import type { ModelId } from '../contract/ids.js';
import { artifactBody } from './artifact-body.js';
import { attemptRequest } from './attempt.js';
import type { ApiDeps, Attempted } from './deps.js';
import { useKey } from './use-key.js';

export interface CreateModelInput {
  /** Artifacts that end with the job; absent where the caller knows until when the key is good. */
  job?: string;
  key: string;
  body: ArtifactRef;
  /** What the job will be billed for once its model is trained; absent: nothing that anybody knows of. */
  rowsLeft?: number;
  /** The job was held for the quota, and goes on. */
  isAskedAgain?: boolean;
}

export const createModel =
  (deps: ApiDeps) =>
  ({ job, key, body, rowsLeft, isAskedAgain = false }: CreateModelInput): Promise<Attempted<{ modelId: ModelId }>> =>
    attemptRequest(
      {
        turns: deps.turns,
        kind: 'prepare',
        modelOf: ({ id }: Model) => id,
        prepare: async () => job !== undefined && (await useKey(deps, { job, key })),
        quotaOf: (isFirstUse) =>
          rowsLeft === undefined ? undefined : { rows: 0, rowsLeft, isAskedAgain, mayHaveBeenSent: !isFirstUse },
      },
      (signal) => deps.api.createModel(artifactBody(deps.artifacts, body), { idempotencyKey: key, signal }),
      ({ id }) => ({ modelId: id }),
    );
