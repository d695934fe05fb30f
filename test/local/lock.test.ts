/** The lock of a folder: one holder, whoever races whom, and free again when its holder is dead. */
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connectToHolder, takeLock } from '../../src/local/lock.js';

let folder: string;
let servers: Server[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dxo-lock-'));
});
afterEach(async () => {
  for (const server of servers) server.close();
  servers = [];
  await rm(folder, { recursive: true, force: true });
});

async function taker(): Promise<{ server: Server; take: () => Promise<boolean> }> {
  const socketPath = join(folder, `${servers.length}.sock`);
  const server = createServer((socket) => socket.on('error', () => undefined)).listen(socketPath);
  servers.push(server);
  await once(server, 'listening');
  return { server, take: () => takeLock(folder, socketPath) };
}

test('of twelve that take it at once one gets it, round after round, as each holder dies', async () => {
  for (let round = 0; round < 20; round++) {
    const takers = await Promise.all(Array.from({ length: 12 }, taker));
    const won = await Promise.all(takers.map(({ take }) => take()));
    expect(won.filter(Boolean)).toHaveLength(1);
    await Promise.all(takers.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  }
});

test('those who take one after the other from a living holder are refused, and a client reaches the holder', async () => {
  const [holder, late] = [await taker(), await taker()];
  expect(await holder.take()).toBe(true);
  expect(await late.take()).toBe(false);
  const met = once(holder.server, 'connection');
  const socket = await connectToHolder(folder);
  await met;
  socket?.destroy();
});

test('in a folder that nobody locked, or whose holder is dead, there is nobody to reach', async () => {
  expect(await connectToHolder(join(folder, 'missing'))).toBeUndefined();
  const holder = await taker();
  await holder.take();
  await new Promise((resolve) => holder.server.close(resolve));
  expect(await connectToHolder(folder)).toBeUndefined();
});

test('dead generations are cleared away', async () => {
  for (let generation = 0; generation < 5; generation++) {
    const { server, take } = await taker();
    expect(await take()).toBe(true);
    await new Promise((resolve) => server.close(resolve));
  }
  expect((await readdir(folder)).filter((name) => /^\d+$/.test(name))).toEqual(['5']);
});
