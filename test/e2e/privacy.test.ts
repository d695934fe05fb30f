/**
 * No cell value and no key may reach Temporal or a log. Marker values are planted in a table, jobs of every ending are
 * run with it, and everything that Temporal and the worker keep is searched.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { type Fleet, failureOf, startFleet } from '../support/fleet.js';
import { smallTable } from '../support/small-table.js';

const COMMON = 'Zanzibar-marker-common';
const RARE = 'Zanzibar-marker-rare';
const KEY = 'dx_test_sandbox';

let fleet: Fleet;
let table: string;
beforeAll(async () => {
  fleet = await startFleet();
  table = join(fleet.folder, 'secrets.csv');
  writeFileSync(
    table,
    smallTable(200, (row) => (row === 150 ? RARE : row % 2 === 0 ? COMMON : 'Oslo')),
  );
});
afterAll(() => fleet.stop());

/** All that the server has of a job, payloads decoded: history, description, memo, search attributes, pending failures. */
async function keptOf(id: string): Promise<string> {
  const handle = fleet.client.temporal.workflow.getHandle(id);
  const history = historyToJSON(await handle.fetchHistory());
  const decoded = history.replace(/"data": ?"([A-Za-z0-9+/=]+)"/g, (_, data: string) =>
    Buffer.from(data, 'base64').toString('utf8'),
  );
  const description = await handle.describe();
  return `${history}\n${decoded}\n${JSON.stringify(description.raw)}\n${JSON.stringify(description.memo)}`;
}

test('jobs that succeed, fail and ask again leave no value and no key in histories, logs or failures', async () => {
  const request = (name: string) => ({ table: { uri: table }, output: { uri: join(fleet.folder, name) } });
  await fleet.sandbox.addFaults({ call: 'generate', kind: 'error', code: 'internal_error', nth: 1 });
  const done = await fleet.client.synthesize(request('done.csv'), { id: 'done' });
  await done.result();
  const failing = await fleet.client.synthesize(
    { ...request('fail.csv'), columns: { encoding: { nowhere: 'AUTO' } } },
    { id: 'unknown-column' },
  );
  await failureOf(failing);

  const broken = join(fleet.folder, 'broken.csv');
  writeFileSync(broken, `${smallTable(20, () => RARE)}"${RARE},1\n${RARE},2,3,4,5,6,7\n`);
  const unreadable = await fleet.client.synthesize(
    { ...request('broken-out.csv'), table: { uri: broken, types: { age: 'integer' } } },
    { id: 'broken' },
  );
  const failures = [await failureOf(unreadable)];

  const places = { done: await keptOf('done'), broken: await keptOf('broken'), log: fleet.worker().output() };
  expect(places.done.includes('secrets.csv')).toBe(true);
  expect(places.log).toContain('worker ready');
  const searched = { ...places, failures: failures.map(({ message, stack }) => `${message}${stack}`).join('\n') };
  const found = Object.entries(searched).flatMap(([place, text]) =>
    [COMMON, RARE, KEY].flatMap((secret) => {
      const at = text.indexOf(secret);
      return at < 0 ? [] : [`${place}: …${text.slice(Math.max(0, at - 200), at + 60)}`];
    }),
  );
  expect(found).toEqual([]);
});
