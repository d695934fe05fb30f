/** Where the cells of a wave are: one installation with many accounts, each a booth of its own: a sandbox behind a door. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSandbox } from '../dist/sandbox/start-sandbox.js';
import { openDoor } from './door.mjs';
import { digestOf } from './evidence.mjs';
import { buildNextRelease } from './next-release.mjs';
import { outputPathOf, synthesizeRequestOf, writeTables } from './requests.mjs';
import { openControl } from './sandbox-process.mjs';
import { mountSmallDisk } from './small-disk.mjs';
import { openWorld } from './world.mjs';

const SPEED = 60;
export const RATE_LIMIT = 60;
const QUOTA_ROWS = 1_000_000;
/** Of the job of every cell: one chunk, so that each call has one request. */
export const SHAPE = 'one-chunk';

/** @param cells that will be carried out: what they need is built. @returns the world of openWorld, with `booths`, `disk`, `nextRelease`, `references` */
export async function openHall(folder, accountCount, cells) {
  mkdirSync(join(folder, 'artifacts'));
  writeTables(folder);
  const disk = cells.some(({ disturbance }) => disturbance === 'full disk')
    ? mountSmallDisk(join(folder, 'artifacts'))
    : undefined;
  const nextRelease = cells.some(({ disturbance }) => disturbance === 'deploy')
    ? await buildNextRelease(folder)
    : undefined;
  const booths = await Promise.all(
    Array.from({ length: accountCount }, async (_, index) => {
      const sandbox = await startSandbox({ speed: SPEED, rateLimit: RATE_LIMIT, quotaRows: QUOTA_ROWS });
      const door = await openDoor(sandbox.port);
      return { account: `booth-${index}`, sandbox, door, control: openControl(sandbox.url) };
    }),
  );
  const accounts = booths.map(({ account, door }) => [account, { apiKey: 'dx_test_sandbox', baseUrl: door.url }]);
  const accountsFile = join(folder, 'accounts.json');
  writeFileSync(accountsFile, JSON.stringify(Object.fromEntries(accounts)));
  const world = await openWorld({
    folder,
    workers: 1,
    settings: {
      DATAXID_ACCOUNTS_FILE: accountsFile,
      DATAXID_RATE_LIMIT: String(RATE_LIMIT),
      DATAXID_RATE_WINDOW_SECONDS: String(60 / SPEED),
    },
  });
  const [{ account }] = booths;
  await (
    await world.client.synthesize(
      { ...synthesizeRequestOf(world, 'undisturbed', SHAPE), account },
      { id: 'undisturbed' },
    )
  ).result();
  const references = new Map([[SHAPE, digestOf(outputPathOf(world.outputs, 'undisturbed', SHAPE))]]);
  return {
    ...world,
    booths,
    disk,
    nextRelease,
    references,
    async close() {
      await world.close();
      for (const { sandbox, door } of booths) {
        await door.close();
        await sandbox.close();
      }
      disk?.close();
    },
  };
}
