/** A manifest's text, in each of its formats, becomes the same items; what is wrong with it is told with its line. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { type BatchKind, jobIdOfItem, type ManifestFormat } from '../../src/contract/batch.js';
import { csvRecords } from '../../src/manifest/csv-records.js';
import { type HowToRead, readItems } from '../../src/manifest/read-items.js';

const how = (format: ManifestFormat, more: Partial<HowToRead> = {}): HowToRead => ({
  kind: 'synthesize',
  format,
  defaults: {},
  folder: '/data/batches',
  account: 'default',
  templates: { scheduledAt: new Date('2026-11-22T14:03:07Z') },
  resultsUri: '/data/results.jsonl',
  ...more,
});

const faultsOf = async (text: string, more?: Partial<HowToRead>, format: ManifestFormat = 'jsonl'): Promise<string[]> =>
  (await readItems(text, how(format, more))).faults.map(({ line, message }) => `${line}: ${message}`);

const TRAINED = {
  account: 'acme',
  modelId: 'mdl_0123456789ab',
  metadata: { uri: 'artifact:a/b', bytes: 3, sha256: 'a'.repeat(64) },
  rows: 500,
};

test('YAML, JSONL and CSV of one manifest are the same items', async () => {
  const items = [
    { name: 'a', table: { uri: 'a.csv' }, output: { uri: 'out/a.csv' }, generation: { n_samples: 10, diversity: 0.5 } },
    { name: '007', table: { uri: '/else/b.csv' }, output: { uri: 'out/b.csv', overwrite: true }, seed: 3 },
  ];
  const csv = [
    'name,table.uri,output.uri,output.overwrite,generation.n_samples,generation.diversity,seed',
    'a,a.csv,out/a.csv,,10,0.5,',
    '007,/else/b.csv,out/b.csv,true,,,3',
  ].join('\r\n');
  const expected = [
    expect.objectContaining({
      index: 0,
      name: 'a',
      rows: 10,
      request: {
        account: 'default',
        table: { uri: '/data/batches/a.csv' },
        output: { uri: '/data/batches/out/a.csv' },
        generation: { n_samples: 10, diversity: 0.5 },
      },
    }),
    expect.objectContaining({
      index: 1,
      name: '007',
      request: {
        account: 'default',
        table: { uri: '/else/b.csv' },
        output: { uri: '/data/batches/out/b.csv', overwrite: true },
        seed: 3,
      },
    }),
  ];
  const texts: [ManifestFormat, string][] = [
    ['yaml', stringify(items)],
    ['yaml', stringify({ items })],
    ['jsonl', items.map((item) => JSON.stringify(item)).join('\n')],
    ['csv', csv],
  ];
  for (const [format, text] of texts)
    expect(await readItems(text, how(format))).toEqual({ items: expected, faults: [] });
});

test('items are merged over the defaults, and templates and relative paths are resolved', async () => {
  const text = '{"name": "x", "generation": {"n_samples": 7}, "output": {"uri": "{{ scheduled | date }}/x.csv"}}';
  const defaults = { trained: TRAINED, generation: { n_samples: 1, diversity: 2 }, policy: { rowsPerChunk: 5 } };
  const { items } = await readItems(text, how('jsonl', { kind: 'generate', defaults, seed: 7 }));
  expect(items).toEqual([
    {
      index: 0,
      name: 'x',
      rows: 7,
      request: {
        trained: TRAINED,
        generation: { n_samples: 7, diversity: 2 },
        policy: { rowsPerChunk: 5 },
        output: { uri: '/data/batches/2026-11-22/x.csv' },
        seed: expect.any(Number),
      },
    },
  ]);
});

test('items without a seed draw different ones from the seed of the batch, the same each time', async () => {
  const text = ['a', 'b'].map((name) => `{"name": "${name}", "output": {"uri": "${name}.csv"}}`).join('\n');
  const read = () => readItems(text, how('jsonl', { kind: 'generate', defaults: { trained: TRAINED }, seed: 7 }));
  const seeds = (await read()).items.map(({ request }) => request.seed);
  expect(new Set(seeds).size).toBe(2);
  expect((await read()).items.map(({ request }) => request.seed)).toEqual(seeds);
});

test('a generate item that says no rows asks for as many as its model was trained on', async () => {
  const { items } = await readItems(
    '{"name": "x", "output": {"uri": "x.csv"}}',
    how('jsonl', { kind: 'generate', defaults: { trained: TRAINED } }),
  );
  expect(items[0]?.rows).toBe(500);
});

test('every fault is told, each with its line, and none quotes a value', async () => {
  const lines = [
    '{"name": "ok", "table": {"uri": "secret.csv"}, "output": {"uri": "ok.csv"}}',
    '{"table": {"uri": "t.csv"}, "output": {"uri": "1.csv"}}',
    '{"name": "no spaces, secret", "table": {"uri": "t.csv"}, "output": {"uri": "2.csv"}}',
    '',
    '["secret"]',
    '{"name": "secret',
    '{"name": "rows", "table": {"uri": "t.csv"}, "output": {"uri": "3.csv"}, "generation": {"n_samples": "secret"}}',
    '{"name": "typo", "tabel": {"uri": "t.csv"}, "table": {"uri": "t.csv"}, "output": {"uri": "4.csv"}}',
    '{"name": "bare"}',
    '{"name": "ok", "table": {"uri": "t.csv"}, "output": {"uri": "5.csv"}}',
    '{"name": "same", "table": {"uri": "t.csv"}, "output": {"uri": "/data/batches/./ok.csv"}}',
    '{"name": "over", "table": {"uri": "t.csv"}, "output": {"uri": "file:///data/results.jsonl"}}',
    '{"name": "when", "table": {"uri": "t.csv"}, "output": {"uri": "{{ schedueld }}.csv"}}',
    '{"name": "account", "account": "No Account", "table": {"uri": "t.csv"}, "output": {"uri": "6.csv"}}',
  ];
  const faults = await faultsOf(lines.join('\n'));
  expect(faults).toEqual([
    '2: it has no name',
    expect.stringMatching(/^3: its name must have letters, digits/),
    '5: an item is an object, with a name',
    expect.stringMatching(/^6: not JSON/),
    '7: generation.n_samples: must be a number, not a text',
    expect.stringMatching(/^8: Unrecognized key: "tabel"/),
    expect.stringMatching(/^9: table: /),
    expect.stringMatching(/^9: output: /),
    '10: the name ok is taken by the item of line 1',
    '11: output.uri is also that of the item of line 1',
    '12: output.uri is where the manifest of outputs goes',
    expect.stringMatching(/^13: There is no variable "schedueld"/),
    expect.stringMatching(/^14: account: /),
  ]);
  expect(faults.join('\n')).not.toContain('secret');
});

test.each<[string, ManifestFormat, string, RegExp]>([
  ['YAML that is none', 'yaml', '- name: a\n  output: {uri: secret', /^2: not YAML/],
  [
    'YAML with something beside its items',
    'yaml',
    'items: []\ndefaults: {seed: 1}',
    /^2: there is only `items` at the top, not "defaults"/,
  ],
  ['YAML without a list', 'yaml', 'name: a', /^1: a list of items is expected/],
  ['YAML with an item that is text', 'yaml', '- name: a\n  output: {uri: x.csv}\n- secret', /^3: an item is an object/],
  [
    'YAML of aliases of aliases',
    'yaml',
    `- a: &a [x]\n${'bcdefghij'.replace(/./g, (c) => `  ${c}: &${c} [${`*${String.fromCharCode(c.charCodeAt(0) - 1)},`.repeat(9)}]\n`)}`,
    /^1: its aliases lead nowhere, or to too much/,
  ],
  ['CSV without names', 'csv', 'table.uri,output.uri\na.csv,b.csv', /^1: the header has no column `name`/],
  ['CSV with a column twice', 'csv', 'name,seed,seed\na,1,2', /^1: the column seed is there twice/],
  ['CSV with a column inside another', 'csv', 'name,output,output.uri\na,1,2', /^1: the column output.uri lies inside/],
  ['CSV with a row too short', 'csv', 'name,table.uri,output.uri\na,secret', /^2: 2 cells, and the header has 3/],
  [
    'CSV with an open quote',
    'csv',
    'name,table.uri\n\n"a,secret',
    /^3: the quote that opens on line 3 is never closed/,
  ],
  ['nothing', 'jsonl', '\n\n', /^1: there is no item in it/],
])('%s is a fault with its line', async (_, format, text, fault) => {
  const faults = await faultsOf(text, {}, format);
  expect(faults.some((one) => fault.test(one))).toBe(true);
  expect(faults.join('\n')).not.toContain('secret');
});

test('an item too large for a history is refused', async () => {
  const include = Array.from({ length: 9_000 }, (_, index) => `a column with a long name ${index}`);
  const text = JSON.stringify({
    name: 'wide',
    table: { uri: 't.csv' },
    output: { uri: 'o.csv' },
    columns: { include },
  });
  expect(await faultsOf(text)).toEqual([
    expect.stringMatching(/^1: it has \d+ bytes, its defaults included; at most 131072/),
  ]);
});

test('names such as __proto__ are names like any other', async () => {
  const csv = 'name,table.uri,output.uri,columns.encoding.__proto__\na,t.csv,o.csv,TABULAR_CATEGORICAL';
  const { items } = await readItems(csv, how('csv'));
  expect(JSON.stringify(items[0]?.request)).toContain('"__proto__":"TABULAR_CATEGORICAL"');
  expect(({} as Record<string, unknown>).uri).toBeUndefined();
});

test('whatever the cells hold, CSV gives them back, each with the line it begins on', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', ' ', 'ü', '😀') });
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1 }), (rows) => {
      const text = rows.map((cells) => cells.map(quoted).join(',')).join('\n');
      const records = [...csvRecords(text)];
      expect(records.map(({ cells }) => cells)).toEqual(rows);
      const breaks = rows.map((cells) => cells.join('').split('\n').length);
      const lines = breaks.map((_, row) => 1 + breaks.slice(0, row).reduce((sum, count) => sum + count, 0));
      expect(records.map(({ line }) => line)).toEqual(lines);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('no text makes reading throw: it is items or faults', async () => {
  const piece = fc.constantFrom(
    'name',
    ',',
    '"',
    '\n',
    '{',
    '}',
    '[',
    ']',
    ':',
    '- ',
    'a',
    '1',
    '&a',
    '*a',
    '{{',
    '}}',
    '\\',
  );
  const kinds: BatchKind[] = ['synthesize', 'generate'];
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 40 }),
      fc.constantFrom<ManifestFormat>('yaml', 'jsonl', 'csv'),
      fc.constantFrom(...kinds),
      async (pieces, format, kind) => {
        const { items, faults } = await readItems(pieces.join(''), how(format, { kind }));
        expect(items.length + faults.length).toBeGreaterThan(0);
      },
    ),
    { seed: 2, numRuns: 500 },
  );
});

test('a job id of an item is a valid one however long the names, and no two are the same', () => {
  const [batch, item] = ['b'.repeat(200), 'i'.repeat(200)];
  expect(jobIdOfItem('nightly', 'orders')).toBe('nightly.orders');
  const long = [
    jobIdOfItem(batch, item),
    jobIdOfItem(batch, `${item.slice(1)}j`),
    jobIdOfItem(batch.slice(0, 100), item),
  ];
  expect(long.map((id) => id.length)).toEqual([200, 200, 200]);
  expect(new Set(long).size).toBe(3);
});
