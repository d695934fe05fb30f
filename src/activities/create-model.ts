/** POST /v1/models: one request, under a key that history already holds. */
import { activityInfo } from '@temporalio/activity';
import type { ArtifactRef } from '../contract/artifact.js';
import type { ModelId } from '../contract/ids.js';
import { artifactBody } from './artifact-body.js';
import { attempt } from './attempt.js';
import type { ApiDeps, Attempted } from './deps.js';

export interface CreateModelInput {
  key: string;
  body: ArtifactRef;
}

export const createModel =
  ({ api, artifacts }: ApiDeps) =>
  ({ key, body }: CreateModelInput): Promise<Attempted<{ modelId: ModelId }>> =>
    attempt(async (signal) => {
      const { data: model } = await api.createModel(artifactBody(artifacts, body), { idempotencyKey: key, signal });
      return { modelId: model.id, attempts: activityInfo().attempt };
    });
