/**
 * What a service loads that only starts jobs: a few files of ours and Temporal's client; none of the parts that it may
 * leave out (docs/decisions/0008). The command's own start is held to the same, so that `dxo jobs` works without them.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { DIST } from '../support/worker-process.js';

/** All files of ours behind `import 'dataxid-orchestrator'`. */
const ENTRY_BYTES_MAX = 160_000;

const { dependencies, optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
  'dependencies' | 'optionalDependencies',
  Record<string, string>
>;

/** Files of ours and packages that are loaded with a compiled file, found by its static imports. */
function loadedWith(entry: string): { files: string[]; packages: string[] } {
  const files = new Set([resolve(DIST, entry)]);
  const packages = new Set<string>();
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const imports = text.matchAll(/^(?:(?:import|export)\s[^;'"=]*?\sfrom|import)\s+'([^']+)'/gm);
    for (const [, to = ''] of imports) {
      if (to.startsWith('.')) files.add(resolve(dirname(file), to));
      else if (!to.startsWith('node:'))
        packages.add(
          to
            .split('/')
            .slice(0, to.startsWith('@') ? 2 : 1)
            .join('/'),
        );
    }
  }
  return { files: [...files].map((file) => relative(DIST, file)), packages: [...packages].sort() };
}

test.each(['index.js', 'cli/main.js'])('%s loads nothing that may be left out', (entry) => {
  const { files, packages } = loadedWith(entry);
  expect(files).toContain('contract/messages.js');
  expect(packages).toContain(entry === 'index.js' ? '@temporalio/client' : 'commander');
  expect(packages.filter((name) => name in optionalDependencies)).toEqual([]);
  expect(packages.filter((name) => !(name in dependencies))).toEqual([]);
});

test('the entry of a service loads the client and the contract, and is small', () => {
  const { files, packages } = loadedWith('index.js');
  expect(packages).toEqual([
    '@noble/hashes',
    '@temporalio/client',
    '@temporalio/common',
    '@temporalio/envconfig',
    'zod',
  ]);
  expect(new Set(files.map((file) => dirname(file)))).toEqual(new Set(['.', 'client', 'contract']));
  const bytes = files.reduce((sum, file) => sum + statSync(join(DIST, file)).size, 0);
  expect(bytes).toBeLessThan(ENTRY_BYTES_MAX);
});

test('importing the package loads no native code', () => {
  const entry = pathToFileURL(resolve(DIST, 'index.js')).href;
  const program = `await import('${entry}'); console.log(JSON.stringify(process.report.getReport().sharedObjects))`;
  const loaded = JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }),
  ) as string[];
  expect(loaded.length).toBeGreaterThan(0);
  expect(loaded.filter((path) => path.endsWith('.node'))).toEqual([]);
});

test('the table entry gives all that the table library has', async () => {
  const [entry, library] = (await Promise.all(
    ['table.js', 'table/index.js'].map((file) => import(pathToFileURL(resolve(DIST, file)).href)),
  )) as [object, object];
  expect(Object.keys(entry).sort()).toEqual(Object.keys(library).sort());
});
