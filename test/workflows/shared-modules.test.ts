/** Modules that all jobs of a worker share (docs/decisions/0015-shared-modules.md) hold nothing that changes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const CONTRACT = 'src/contract';

test.each(readdirSync(CONTRACT))('%s has no variable of its own', (name) => {
  const lines = readFileSync(join(CONTRACT, name), 'utf8').split('\n');
  expect(lines.filter((line) => /^(export )?(let|var)\b/.test(line))).toEqual([]);
});

test('the bundle gives the worker every module of the contract that a workflow uses, once', () => {
  const bundle = readFileSync('dist/workflow-bundle.js', 'utf8');
  const shared = readFileSync('dist/workflows/shared-modules.js', 'utf8');
  const bundled = [...bundle.matchAll(/^\/\*\*\*\/ "\.\/dist\/contract\/([\w-]+\.js)"$/gm)].map(([, name]) => name);
  expect(bundled.length).toBeGreaterThan(20);
  for (const name of bundled) expect(shared).toContain(`'../contract/${name}'`);
});
