/** When a job should end: from its epochs, seen by the client and in the details that the Web UI shows. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Fleet, startFleet } from '../support/fleet.js';
import { writeSmallTable } from '../support/small-table.js';
import { until } from '../support/until.js';

/** At this speed of the sandbox they take 25 s, and the looks after 2 and 5 s see them move. */
const EPOCHS = 10_000;

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet({ speed: 40, rateLimit: 1_000_000 });
});
afterAll(() => fleet.stop());

test('a training that moves says when the job should end, and a terminated one no more', async () => {
  const job = await fleet.client.synthesize(
    {
      table: { uri: writeSmallTable(fleet.folder) },
      output: { uri: join(fleet.folder, 'out.csv') },
      model: { max_epochs: EPOCHS, early_stop_patience: EPOCHS },
    },
    { id: 'moves' },
  );
  expect(await job.status()).not.toHaveProperty('endsAt');
  const { endsAt, requestsLeft } = await until('two reports of its epochs', async () => {
    const now = await job.status();
    return now.endsAt !== undefined && now;
  });
  expect(Date.parse(String(endsAt))).toBeGreaterThanOrEqual(Date.now());
  // One chunk of rows, and the delete.
  expect(requestsLeft).toBe(2);
  const workflow = fleet.client.temporal.workflow.getHandle('moves');
  const { currentDetails } = await workflow.query<{ currentDetails: string }>('__temporal_workflow_metadata');
  expect(currentDetails).toMatch(
    /Should end about \d{4}-\d\d-\d\d \d\d:\d\d:00 UTC\*\*, at the pace of its epochs so far/,
  );
  expect(currentDetails).toMatch(/API requests spent: \d+, 2 more at least/);
  await workflow.terminate();
  expect(await job.status()).not.toHaveProperty('endsAt');
  await fleet.sandbox.reset();
});
