/** Flags and a request file become one request. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { requestOf } from '../../src/cli/request-options.js';
import { REQUEST_BYTES_MAX } from '../../src/contract/limits.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dxo-request-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);

test('paths become absolute, and the output stands beside the table by name', async () => {
  const request = await requestOf('synthesize', 'data/people.jsonl', {}, folder);
  expect(request.table.uri).toBe(join(folder, 'data/people.jsonl'));
  expect(request.output).toEqual({ uri: join(folder, 'people-synthetic.jsonl'), overwrite: false });
});

test.each([
  ['people.csv.gz', 'people-synthetic.csv.gz'],
  ['data/part-*.csv', 'synthetic-part.csv'],
  ['2024-??.jsonl.zst', 'synthetic-2024.jsonl.zst'],
  ['*.parquet', 'synthetic.parquet'],
])('the output of %s is %s', async (table, output) => {
  expect((await requestOf('synthesize', table, {}, folder)).output.uri).toBe(join(folder, output));
});

test('a URI stays a URI', async () => {
  const request = await requestOf('synthesize', 'file:///data/people.csv', { output: 's3://bucket/out.csv' }, folder);
  expect([request.table.uri, request.output.uri]).toEqual(['file:///data/people.csv', 's3://bucket/out.csv']);
});

test('flags win over the file, and what only the file says stays', async () => {
  await write(
    'request.yaml',
    'table: {uri: a.csv, delimiter: ";"}\nmodel: {max_epochs: 5, val_split: 0.2}\nseed: 1\ncolumns: {encoding: {x: TABULAR_CHARACTER, y: AUTO}}\n',
  );
  const flags = {
    request: 'request.yaml',
    maxEpochs: '9',
    encoding: ['x=TABULAR_CATEGORICAL', 'a=b=AUTO'],
    overwrite: true as const,
  };
  const request = await requestOf('synthesize', 'b.csv', flags, folder);
  expect(request).toMatchObject({
    table: { uri: join(folder, 'b.csv'), delimiter: ';' },
    model: { max_epochs: 9, val_split: 0.2 },
    seed: 1,
    columns: { encoding: { x: 'TABULAR_CATEGORICAL', y: 'AUTO', 'a=b': 'AUTO' } },
    output: { uri: join(folder, 'b-synthetic.csv'), overwrite: true },
  });
});

test.each(['wrapped', 'bare'])('generate takes a %s model reference', async (how) => {
  const trained = {
    account: 'default',
    modelId: 'mdl_0123456789ab',
    metadata: { uri: 'artifact:x/metadata.json', bytes: 3, sha256: 'a'.repeat(64) },
    rows: 100,
  };
  await write('model.json', JSON.stringify(how === 'bare' ? trained : { trained, requests: 4 }));
  const request = await requestOf('generate', undefined, { model: 'model.json', output: 'o.csv', rows: '5' }, folder);
  expect(request).toMatchObject({ trained, generation: { n_samples: 5 }, output: { uri: join(folder, 'o.csv') } });
});

test('generate without model and output says that both are needed', async () => {
  await expect(requestOf('generate', undefined, {}, folder)).rejects.toThrow(/--output file[\s\S]*--model file/);
});

test('a request file over the limit is refused with both numbers', async () => {
  await write('large.json', ' '.repeat(REQUEST_BYTES_MAX + 1));
  await expect(requestOf('train', 'a.csv', { request: 'large.json' }, folder)).rejects.toThrow(
    `has ${REQUEST_BYTES_MAX + 1} bytes; at most ${REQUEST_BYTES_MAX} are read`,
  );
});

test('a broken file is placed and never quoted', async () => {
  await write('broken.yaml', 'seed: 1\ntable: {uri: "secret\n');
  await write('broken.json', '{"seed": secret}');
  for (const request of ['broken.yaml', 'broken.json']) {
    const failure = await requestOf('train', 'a.csv', { request }, folder).catch((error: Error) => error.message);
    expect(failure).toMatch(/is not (YAML|JSON)/);
    expect(failure).not.toContain('secret');
  }
});
