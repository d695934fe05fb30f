/** The published JSON Schemas: strict validators take them, they say what zod says, and the package and the command have them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { jsonSchemas } from '../../src/contract/json-schemas.js';
import { failureDetailsSchema } from '../../src/contract/messages.js';
import { synthesizeRequestSchema } from '../../src/contract/requests.js';
import { jsonOf, runDxo } from '../cli/run-dxo.js';
import { DIST } from '../support/worker-process.js';

/** Formats are checked by zod's patterns, which stand beside them. */
const ajv = new Ajv2020({ strict: true, validateFormats: false, allowUnionTypes: true });
const validators = Object.fromEntries(
  Object.entries(jsonSchemas()).map(([name, schema]) => [name, ajv.compile(schema)]),
);

test.each<[string, object, boolean]>([
  ['as small as it gets', { table: { uri: 'a.csv' }, output: { uri: 'b.csv' } }, true],
  ['a default that is left out inside', { table: { uri: 'a.csv' }, output: { uri: 'b.csv' }, model: {} }, true],
  ['a misspelt name', { table: { uri: 'a.csv' }, output: { uri: 'b.csv' }, tabel: 1 }, false],
  ['no table', { output: { uri: 'b.csv' } }, false],
  ['rows below one', { table: { uri: 'a.csv' }, output: { uri: 'b.csv' }, generation: { n_samples: 0 } }, false],
  [
    'an instant without zone',
    { table: { uri: 'a.csv' }, output: { uri: 'b.csv' }, deadline: '2030-01-01T00:00' },
    false,
  ],
])('a request that is %s: the schema and zod agree', (_, request, isValid) => {
  expect(validators['synthesize-request']?.(request)).toBe(isValid);
  expect(synthesizeRequestSchema.safeParse(request).success).toBe(isValid);
});

test('an answer may have more fields than today', () => {
  const details = { code: 'quota_exceeded', request_id: 'req_1', invented_later: true };
  expect(validators['failure-details']?.(details)).toBe(true);
  expect(validators['failure-details']?.({ request_id: 'req_1' })).toBe(false);
  expect(failureDetailsSchema.safeParse(details).success).toBe(true);
});

test('the build has written each schema, and the command prints the same', async () => {
  const folder = join(DIST, 'schemas');
  expect(readdirSync(folder).sort()).toEqual(
    Object.keys(jsonSchemas())
      .map((name) => `${name}.json`)
      .sort(),
  );
  for (const [args, name] of [
    [['request', 'batch'], 'batch-request'],
    [['result'], 'synthesize-result'],
    [['failure'], 'failure-details'],
    [['schedules'], 'schedules'],
  ] as const) {
    const written: unknown = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
    expect(jsonOf(await runDxo('.', ['schema', ...args]))).toEqual(written);
    expect(written).toEqual(JSON.parse(JSON.stringify(jsonSchemas()[name])));
  }
  expect((await runDxo('.', ['schema', 'extend', 'train'])).code).toBe(2);
});
