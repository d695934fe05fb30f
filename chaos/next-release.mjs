/**
 * A build of another release, for deploys in the middle of jobs: this build, but before each activity its jobs take a step more (a timer),
 * behind `patched`. A job that began under the old code goes on under the new one: what it has done must replay unchanged, what
 * it does next has commands that the old code never made.
 */
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflows } from '../scripts/bundle-workflows.mjs';
import { THIS_RELEASE } from './world.mjs';

/** @returns the folder of the build, as THIS_RELEASE is */
export async function buildNextRelease(folder) {
  const release = join(folder, 'next-release', 'dist');
  const root = dirname(THIS_RELEASE);
  mkdirSync(dirname(release), { recursive: true });
  cpSync(THIS_RELEASE, release, { recursive: true });
  for (const name of ['node_modules', 'package.json']) symlinkSync(join(root, name), join(dirname(release), name));
  await bundleWorkflows(release, [fileURLToPath(new URL('./next-release-step.mjs', import.meta.url))]);
  return release;
}
