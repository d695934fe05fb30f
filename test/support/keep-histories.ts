/**
 * Keeps workflows' histories as fixtures of a release: `RECORD_HISTORIES=0.1.0 npm run jest -- test/e2e test/batch`. Each test file
 * names those of its own that a release keeps (startFleet). test/workflows/replay.test.ts replays all of them, so that
 * workflow code that would break a running job is found before it is deployed.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

export const HISTORIES = 'test/histories';

/** @param ids of workflows, each of whose last run becomes `<release>/<id>.json`; one event a line */
export async function keepHistories({ workflow }: Client, ids: readonly string[]): Promise<void> {
  const { RECORD_HISTORIES: release } = process.env;
  if (release === undefined) return;
  const folder = join(HISTORIES, release);
  mkdirSync(folder, { recursive: true });
  for (const id of ids) {
    const { events } = JSON.parse(historyToJSON(await workflow.getHandle(id).fetchHistory()));
    const lines = events.map((event: unknown) => JSON.stringify(event)).join(',\n');
    // Payloads are base64: only stack traces of what we did not mean to fail could name a folder of this machine.
    writeFileSync(join(folder, `${id}.json`), `{"events":[\n${lines}\n]}\n`.replaceAll(process.cwd(), ''));
  }
}
