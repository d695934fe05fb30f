/** POST /v1/models/{id}/init-training: streams the encoded batches. */
import { activityInfo } from '@temporalio/activity';
import type { ArtifactRef } from '../contract/artifact.js';
import type { ModelId } from '../contract/ids.js';
import { artifactBody } from './artifact-body.js';
import { attempt } from './attempt.js';
import type { ApiDeps, Attempted } from './deps.js';

export interface InitTrainingInput {
  key: string;
  modelId: ModelId;
  body: ArtifactRef;
}

export const initTraining =
  ({ api, artifacts }: ApiDeps) =>
  ({ key, modelId, body }: InitTrainingInput): Promise<Attempted<object>> =>
    attempt(async (signal) => {
      await api.initTraining(modelId, artifactBody(artifacts, body), { idempotencyKey: key, signal });
      return { attempts: activityInfo().attempt };
    });
