/**
 * Compiles src/ to dist/, or to the folder given, from nothing, so that a file deleted from src/ never lives on in a
 * package; bundles the workflows; and writes the published contract as JSON Schema, for callers in other languages.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleWorkflows } from './bundle-workflows.mjs';

const root = dirname(import.meta.dirname);
const dist = resolve(root, process.argv[2] ?? 'dist');
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));

rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [join(typescript, 'bin', 'tsc'), '-p', 'tsconfig.build.json', '--outDir', dist], {
  cwd: root,
  stdio: 'inherit',
});
await bundleWorkflows(dist);

const schemas = join(dist, 'schemas');
mkdirSync(schemas);
const { jsonSchemas } = await import(pathToFileURL(join(dist, 'contract', 'json-schemas.js')).href);
for (const [name, schema] of Object.entries(jsonSchemas())) {
  writeFileSync(join(schemas, `${name}.json`), `${JSON.stringify(schema, null, 2)}\n`);
}

chmodSync(join(dist, 'cli', 'main.js'), 0o755);
