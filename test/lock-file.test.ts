/** A lock file that lacks a platform's native package is refused by `npm ci` everywhere (docs/decisions/0007). */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

interface Locked {
  version?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> };

test('every optional package of every platform is locked', () => {
  const optional = Object.values(packages).flatMap(({ optionalDependencies }) =>
    Object.keys(optionalDependencies ?? {}),
  );
  expect(optional.length).toBeGreaterThan(50);
  const locked = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')));
  expect(optional.filter((name) => !locked.has(name))).toEqual([]);
});

test('all Temporal packages have one version, and protobufjs 8 stands beside them at the top', () => {
  const temporal = Object.entries(packages).filter(([path]) => /node_modules\/@temporalio\/[^/]+$/.test(path));
  expect(new Set(temporal.map(([, { version }]) => version)).size).toBe(1);
  expect(packages['node_modules/protobufjs']?.version).toMatch(/^8\./);
});
