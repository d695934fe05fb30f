/**
 * Every command in the docs is run: each ```sh block of a page, in order, in a folder of its own that has the examples and a
 * table `customers.csv`. A page's blocks may use what earlier ones made. What cannot be run here is listed, with the reason.
 * A page that somebody at work reads is run beside a stack that is up; a newcomer's commands each bring theirs up.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeSmallTable } from './support/small-table.js';
import { DIST } from './support/worker-process.js';

/** Line -> why it is not run. */
const NOT_RUN: readonly (readonly [RegExp, string])[] = [
  [/^npm ci && npm (test|run demo)$/, 'the first is this run; the demo has a test of its own (test/cli/demo.test.ts)'],
  [/^dxo demo$/, 'the same'],
  [/dx_live_…/, 'needs a key of the real API'],
];

/** Beside four other pages, on a busy machine. */
const PAGE_LIMIT_MS = 300_000;
/** Pages whose commands start their own stack, sandbox or `dxo dev`. */
const WITHOUT_STACK = ['README.md', 'examples/README.md', 'docs/sandbox.md', 'docs/schedules.md'];

const PAGES = [
  'README.md',
  'examples/README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

/** The lines of a page's sh blocks that are run. */
function commandsOf(page: string): string[] {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block ?? '');
  return blocks
    .flatMap((block) => block.trim().split('\n'))
    .filter((line) => !NOT_RUN.some(([pattern]) => pattern.test(line)));
}

const folder = mkdtempSync(join(tmpdir(), 'dxo-docs-'));
const bin = join(folder, 'bin');

beforeAll(() => {
  mkdirSync(bin);
  writeProgram('dxo', `exec "${process.execPath}" "${resolve(DIST, 'cli/main.js')}" "$@"`);
  writeProgram('npx', 'exec "$@"');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function writeProgram(name: string, line: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${line}\n`);
  chmodSync(join(bin, name), 0o755);
}

async function runIn(place: string, lines: readonly string[]): Promise<{ code: number | null; said: string }> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(DATAXID|TEMPORAL|DXO)_/.test(name));
  // `dxo dev` ends when its stack is gone.
  const script = ['set -eu', "trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT", ...lines].join('\n');
  const child = spawn('bash', ['-c', script], {
    cwd: place,
    env: {
      ...Object.fromEntries(kept),
      PATH: `${bin}:${process.env.PATH}`,
      TEMPORAL_CLI_PATH: process.env.TEST_TEMPORAL_CLI,
      DXO_SANDBOX_SPEED: '60',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  await once(child, 'close');
  return { code: child.exitCode, said };
}

const withCommands = PAGES.filter((page) => commandsOf(page).length > 0);

test.concurrent.each(withCommands)(
  'the commands of %s run',
  async (page) => {
    const place = join(folder, page.replaceAll('/', '-'));
    mkdirSync(place);
    cpSync('examples', join(place, 'examples'), { recursive: true });
    writeSmallTable(place);
    const stack = WITHOUT_STACK.includes(page) ? [] : ['dxo dev > dev.log 2>&1 &'];
    const { code, said } = await runIn(place, [...stack, ...commandsOf(page)]);
    expect({ code, said: code === 0 ? '' : said }).toEqual({ code: 0, said: '' });
  },
  PAGE_LIMIT_MS,
);

test('every page with commands was found, and every exception still stands in the docs', () => {
  expect(withCommands).toEqual(
    expect.arrayContaining(['README.md', 'docs/command.md', 'docs/sandbox.md', 'examples/README.md']),
  );
  const text = PAGES.map((page) => readFileSync(page, 'utf8'))
    .join('\n')
    .split('\n');
  for (const [pattern] of NOT_RUN) expect(text.some((line) => pattern.test(line))).toBe(true);
});
