/**
 * Lets plain Node run the sources as they are: `import './x.js'` finds x.ts, and swc strips its types, as jest does for
 * the tests themselves. For the global setup, which runs outside jest's own module loader. The file is both halves: on the
 * main thread it registers itself, on the thread of Node's loader it is the hooks.
 */
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { transform } from '@swc/core';

if (isMainThread) register(import.meta.url);

export async function resolve(specifier, context, next) {
  if (!/^(\.|file:).*\.js$/.test(specifier) || context.parentURL?.includes('/node_modules/'))
    return await next(specifier, context);
  return await next(specifier.replace(/\.js$/, '.ts'), context).catch(() => next(specifier, context));
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return await next(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, 'utf8'), {
    filename,
    sourceMaps: 'inline',
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'es6' },
  });
  return { format: 'module', source: code, shortCircuit: true };
}
