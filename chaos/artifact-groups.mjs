/** Where the artifact store keeps what belongs to a job: folders named by a digest (artifacts/artifact-store.ts). */
import { createHash } from 'node:crypto';

/** @returns {{job: string, model: string}} folders below the store: of what ends with the job, and of what lives as long as its model */
export function artifactGroupsOf({ id, runId }) {
  const folderOf = (group) => createHash('sha256').update(group).digest('hex').slice(0, 24);
  return { job: folderOf(`${id}/${runId}`), model: folderOf(`${id}/${runId}/model`) };
}
