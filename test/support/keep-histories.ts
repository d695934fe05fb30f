/**
 * Keeps the histories of jobs of every ending as fixtures, for a release: `RECORD_HISTORIES=0.1.0 npm run jest --
 * test/e2e/lifecycle.test.ts`. test/workflows/replay.test.ts replays all of them, so that workflow code that would break a
 * running job is found before it is deployed.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Fleet } from './fleet.js';

export const HISTORIES = 'test/histories';
const JOBS = [
  'plain',
  'kept',
  'again',
  'failed',
  'long',
  'held',
  'over',
  'cancel-creating',
  'cancel-training',
  'cancel-generating',
];

export async function recordHistories(fleet: Fleet, release: string): Promise<void> {
  const folder = join(HISTORIES, release);
  mkdirSync(folder, { recursive: true });
  for (const id of JOBS) {
    const history = await fleet.client.temporal.workflow.getHandle(id).fetchHistory();
    // Payloads are base64: only stack traces of what we did not mean to fail could name a folder of this machine.
    writeFileSync(join(folder, `${id}.json`), `${historyToJSON(history).replaceAll(process.cwd(), '')}\n`);
  }
}
