/**
 * One Temporal dev server for the whole run, found or fetched the way a user's is, in memory. Test files take a
 * namespace of their own on it (temporal.ts). Ended by global-teardown.mjs, which runs in the same process.
 * Plain JavaScript on the compiled code, since jest's transform of a setup file does not reach the `.js` names of our sources.
 */
import { resolve } from 'node:path';

export default async function globalSetup() {
  const dist = resolve(process.env.DXO_DIST ?? 'dist');
  const { cacheFolderOf } = await import(`${dist}/devserver/cache-folder.js`);
  const { findTemporalCli } = await import(`${dist}/devserver/find-temporal-cli.js`);
  const { startDevServer } = await import(`${dist}/devserver/start-dev-server.js`);
  const cli = await findTemporalCli({
    env: process.env,
    cacheFolder: cacheFolderOf(process.env),
    report: (line) => process.stderr.write(`${line}\n`),
  });
  const server = await startDevServer({ cliPath: cli.path, headless: true, fastTimers: true });
  globalThis.testDevServer = server;
  process.env.TEST_TEMPORAL_CLI = cli.path;
  process.env.TEST_TEMPORAL_ADDRESS = server.address;
}
