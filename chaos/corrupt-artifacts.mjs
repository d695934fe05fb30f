/** A disk that lies: bytes of a job's artifacts are other than were written. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { artifactGroupsOf } from './artifact-groups.mjs';

/** Changes a byte of every artifact of a job, those of its model included; sizes stay. @param run `{id, runId}` */
export function corruptArtifacts({ artifacts }, run) {
  for (const group of Object.values(artifactGroupsOf(run))) {
    const folder = join(artifacts, group);
    for (const name of existsSync(folder) ? readdirSync(folder) : []) {
      const bytes = readFileSync(join(folder, name));
      bytes[Math.floor(bytes.length / 2)] ^= 1;
      writeFileSync(join(folder, name), bytes);
    }
  }
}
