/** The dev server: usable when it says so, honest when it cannot start. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { devServerArguments } from '../../src/devserver/dev-server-arguments.js';
import { isOpen } from '../../src/devserver/free-port.js';
import { type DevServer, type StartDevServerOptions, startDevServer } from '../../src/devserver/start-dev-server.js';
import { testNamespace, testTemporalCli } from '../support/temporal.js';

let folder: string;
let servers: DevServer[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dxo-devserver-'));
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  servers = [];
  await rm(folder, { recursive: true, force: true });
});

async function start(options: Omit<StartDevServerOptions, 'cliPath'>): Promise<DevServer> {
  const server = await startDevServer({ cliPath: testTemporalCli(), ...options });
  servers.push(server);
  return server;
}

async function withClient<T>(address: string, namespace: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection, namespace }));
  } finally {
    await connection.close();
  }
}

async function takePort(): Promise<{ holder: Server; port: number }> {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  return { holder, port: (holder.address() as { port: number }).port };
}

test('a job started on a file database is still there after the server was killed and started again', async () => {
  const databaseFile = join(folder, 'temporal.db');
  const first = await start({ databaseFile, headless: true });
  const port = Number(first.address.split(':')[1]);
  await withClient(first.address, 'default', (client) =>
    client.workflow.start('anything', { taskQueue: 'nobody', workflowId: 'outlives', args: [] }),
  );
  process.kill(first.pid, 'SIGKILL');
  expect(await first.exited).toBeNull();
  const second = await start({ databaseFile, port, headless: true });
  const found = await withClient(second.address, 'default', (client) =>
    client.workflow.getHandle('outlives').describe(),
  );
  expect(found.status.name).toBe('RUNNING');
});

test('the Web UI and the namespaces asked for are there when it returns', async () => {
  const server = await start({ namespaces: ['one', 'two'] });
  const page = await fetch(server.uiUrl!);
  expect(await page.text()).toContain('<html');
  const two = await withClient(server.address, 'two', (client) =>
    client.workflowService.describeNamespace({ namespace: 'two' }),
  );
  expect(two.namespaceInfo?.name).toBe('two');
});

test('after stop nothing listens any more', async () => {
  const server = await start({ headless: true });
  await server.stop();
  expect(await isOpen(Number(server.address.split(':')[1]))).toBe(false);
});

test.each(['port', 'uiPort'] as const)('a %s that another program holds is named in the error', async (which) => {
  const { holder, port } = await takePort();
  try {
    await expect(start({ [which]: port })).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken by another program`);
  } finally {
    holder.close();
  }
});

test('a start that fails shows what the server said, and the log file has it too', async () => {
  const logFile = join(folder, 'temporal.log');
  const databaseFile = join(folder, 'missing', 'temporal.db');
  await expect(start({ databaseFile, logFile })).rejects.toThrow(
    /ended before it was ready.*no such file or directory/s,
  );
  expect(await readFile(logFile, 'utf8')).toContain('no such file or directory');
});

test('a program that cannot be run is an error, not a wait', async () => {
  await expect(startDevServer({ cliPath: join(folder, 'nothing') })).rejects.toThrow('ENOENT');
});

test('everything listens on loopback only, and a database file is opened in WAL mode', () => {
  const flags = devServerArguments({ port: 1, uiPort: 2, databaseFile: 'x.db' });
  expect(flags.filter((_, index) => ['--ip', '--ui-ip'].includes(flags[index - 1]!))).toEqual([
    '127.0.0.1',
    '127.0.0.1',
  ]);
  expect(flags).toEqual(expect.arrayContaining(['journal_mode=wal', 'history.transferProcessorMaxPollRPS=1000']));
});

test('a test namespace can start and count workflows at once, and sees nobody else', async () => {
  const [mine, other] = await Promise.all([testNamespace(), testNamespace()]);
  await withClient(mine.address, mine.namespace, (client) =>
    client.workflow.start('anything', { taskQueue: 'nobody', workflowId: 'mine', args: [] }),
  );
  const status = (namespace: string) =>
    withClient(mine.address, namespace, (client) => client.workflow.getHandle('mine').describe());
  expect((await status(mine.namespace)).status.name).toBe('RUNNING');
  await expect(status(other.namespace)).rejects.toThrow('not found');
});
