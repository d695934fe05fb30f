/**
 * Generations that are given something: conditions met row by row, holes filled and nothing else touched, over several
 * chunks. Real Temporal, a real worker, real HTTP. The country follows from the city, so that an output whose countries fit
 * its cities shows that the API was told of the conditions, and not only that we wrote them over what came.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { TrainedModel } from '../../src/contract/requests.js';
import { type Fleet, failureOf, startFleet } from '../support/fleet.js';

const COUNTRY_OF: Record<string, string> = { Ankara: 'TR', Berlin: 'DE', Lisbon: 'PT', Oslo: 'NO' };
const CITIES = Object.keys(COUNTRY_OF);
const ROWS = 400;

let fleet: Fleet;
let trained: TrainedModel;
const pathOf = (name: string): string => join(fleet.folder, name);
const write = (name: string, lines: readonly string[]): string => {
  writeFileSync(pathOf(name), `${lines.join('\n')}\n`);
  return pathOf(name);
};
const rowsOf = (name: string): string[][] =>
  readFileSync(pathOf(name), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));

beforeAll(async () => {
  fleet = await startFleet();
  const lines = Array.from({ length: ROWS }, (_, row) => {
    const city = CITIES[row % CITIES.length]!;
    const price = ((row * 37) % 1000) / 4;
    const joined = new Date(Date.UTC(2024, 0, 1 + ((row * 7) % 600))).toISOString().slice(0, 10);
    return `${city},${COUNTRY_OF[city]},${price.toFixed(2)},${joined},${row % 3 === 0}`;
  });
  const table = write('customers.csv', ['city,country,price,joined_date,active', ...lines]);
  const job = await fleet.client.train({ table: { uri: table }, seed: 5 }, { id: 'train' });
  ({ trained } = await job.result());
});
afterAll(async () => {
  const last = await fleet.client.generate(
    {
      trained,
      generation: { n_samples: 1 },
      output: { uri: pathOf('last.csv') },
      policy: { keepModel: false },
    },
    { id: 'last' },
  );
  await last.result();
  await fleet.stop();
});

const generationsOf = async (): Promise<number> =>
  (await fleet.sandbox.ledger()).filter(({ call, effect }) => call === 'generate' && effect === 'applied').length;

describe('conditions', () => {
  test('each row has the values of its condition, in order over all chunks, and the rest fits them', async () => {
    const given = Array.from({ length: 100 }, (_, i) => [CITIES[(i * 7) % 3]!, (i + 0.123).toFixed(3), `note ${i}`]);
    const uri = write('wanted.csv', ['city,price,note', ...given.map((row) => row.join(','))]);
    const job = await fleet.client.generate(
      {
        trained,
        generation: { conditions: { uri } },
        output: { uri: pathOf('met.csv') },
        policy: { rowsPerChunk: 30 },
        seed: 3,
      },
      { id: 'met' },
    );
    const { output, warnings } = await job.result();
    expect(output.rows).toBe(100);
    expect(warnings).toEqual([expect.stringContaining('1 columns are ignored')]);
    const rows = rowsOf('met.csv');
    expect(rows.map(([city]) => city)).toEqual(given.map(([city]) => city));
    expect(rows.map(([, , price]) => Number(price))).toEqual(given.map(([, price]) => Number(price)));
    // Drawn, so now and then an unlikely one; without the conditions one in three would fit.
    expect(rows.filter(([city, country]) => country === COUNTRY_OF[city!]).length).toBeGreaterThan(90);
  });

  test('a value that the model never saw is kept, and told of', async () => {
    const uri = write('new.csv', ['city', 'Atlantis', 'Oslo', 'Atlantis']);
    const job = await fleet.client.generate(
      { trained, generation: { conditions: { uri } }, output: { uri: pathOf('new-out.csv') } },
      { id: 'new' },
    );
    expect((await job.result()).warnings).toEqual([
      expect.stringMatching(/^Column "city": 2 of the given values are withheld/),
    ]);
    expect(rowsOf('new-out.csv').map(([city]) => city)).toEqual(['Atlantis', 'Oslo', 'Atlantis']);
  });

  test.each([
    ['another number of rows', ['city', 'Oslo', 'Oslo'], { n_samples: 3 }, 'generation.n_samples', /2 rows/],
    ['no trained column', ['town', 'Oslo'], {}, 'generation.conditions.uri', /None of its columns/],
    ['a text for a number', ['price', 'cheap'], {}, 'generation.conditions.types.price', /row 1/],
    ['no rows', ['city'], {}, 'generation.conditions.uri', /no rows/],
  ])('with %s are refused before a request is spent', async (name, lines, more, param, message) => {
    const before = await generationsOf();
    const uri = write(`${name}.csv`, lines);
    const job = await fleet.client.generate(
      { trained, generation: { conditions: { uri }, ...more }, output: { uri: pathOf('never.csv') } },
      { id: `refused-${name.replaceAll(' ', '-')}` },
    );
    const failure = await failureOf(job);
    expect(failure).toMatchObject({ param, message: expect.stringMatching(message) });
    expect(failure.message).not.toMatch(/cheap/);
    expect(await generationsOf()).toBe(before);
  });

  test('of a synthesis are checked before anything is created, and met in one job', async () => {
    const request = (conditions: string, output: string) => ({
      table: { uri: pathOf('customers.csv') },
      generation: { conditions: { uri: write(`${output}-wanted.csv`, ['city', conditions, 'Oslo']) } },
      output: { uri: pathOf(output) },
      policy: { rowsPerChunk: 1 },
    });
    const created = async () => (await fleet.sandbox.ledger()).filter(({ call }) => call === 'create').length;
    const before = await created();
    const clash = { ...request('Oslo', 'clash.csv'), output: { uri: pathOf('clash.csv-wanted.csv'), overwrite: true } };
    const refused = await fleet.client.synthesize(clash, { id: 'clash' });
    expect(await failureOf(refused)).toMatchObject({ param: 'output.uri', message: expect.stringMatching(/one file/) });
    expect(await created()).toBe(before);

    const report = { uri: pathOf('both.html') };
    const job = await fleet.client.synthesize({ ...request('Berlin', 'both.csv'), report }, { id: 'both' });
    expect((await job.result()).output.rows).toBe(2);
    expect(readFileSync(report.uri, 'utf8')).toContain('Given by conditions, not judged: <bdi>city</bdi>.');
    expect(rowsOf('both.csv').map(([city, country]) => [city, country])).toEqual([
      ['Berlin', 'DE'],
      ['Oslo', 'NO'],
    ]);
  });
});

describe('imputing', () => {
  const holed = (): string[][] =>
    Array.from({ length: 60 }, (_, i) => {
      const city = CITIES[i % 4]!;
      const row = [city, COUNTRY_OF[city]!, String(i + 0.5), '2024-03-01', 'true'];
      return row.map((cell, place) => ((i + place) % 5 === 0 ? '' : cell));
    });

  test('fills every hole, keeps every value and the order of rows, and asks for each chunk once a trial', async () => {
    const before = await generationsOf();
    const lines = holed();
    const uri = write('holes.csv', ['city,country,price,joined_date,active', ...lines.map((row) => row.join(','))]);
    const job = await fleet.client.generate(
      {
        trained,
        generation: { impute: { X: { uri }, trials: 3, pick: 'median' } },
        output: { uri: pathOf('filled.csv') },
        policy: { rowsPerChunk: 25 },
        seed: 9,
      },
      { id: 'filled' },
    );
    expect((await job.result()).output.rows).toBe(60);
    const filled = rowsOf('filled.csv');
    lines.forEach((row, i) => {
      row.forEach((cell, place) => {
        if (cell === '') expect([i, place, filled[i]![place]]).not.toEqual([i, place, '']);
        else expect([i, place, filled[i]![place]]).toEqual([i, place, cell]);
      });
    });
    // A missing country is that of the city, and the other way round.
    expect(filled.filter(([city, country]) => country === COUNTRY_OF[city!]).length).toBeGreaterThan(55);
    expect((await generationsOf()) - before).toBe(9);
    expect(await job.plan()).toMatchObject({ rows: 60, chunks: 3, requestsAtLeast: 9 });
  });

  test('of a table without holes is refused before a request is spent', async () => {
    const before = await generationsOf();
    const job = await fleet.client.generate(
      {
        trained,
        generation: { impute: { X: { uri: pathOf('customers.csv') } } },
        output: { uri: pathOf('whole-out.csv') },
      },
      { id: 'whole' },
    );
    expect(await failureOf(job)).toMatchObject({
      param: 'generation.impute.X.uri',
      message: expect.stringMatching(/nothing to impute/),
    });
    expect(await generationsOf()).toBe(before);
  });
});

test('no given value reaches a history or a log', async () => {
  const MARKER = 'Zanzibar-marker';
  const uri = write('secret.csv', ['city,price', `${MARKER},1`, 'Oslo,777.125', ',2']);
  const job = await fleet.client.generate(
    { trained, generation: { impute: { X: { uri } } }, output: { uri: pathOf('secret-out.csv') } },
    { id: 'secret' },
  );
  await job.result();
  const history = historyToJSON(await fleet.client.temporal.workflow.getHandle('secret').fetchHistory());
  const decoded = history.replace(/"data": ?"([A-Za-z0-9+/=]+)"/g, (_, data: string) =>
    Buffer.from(data, 'base64').toString('utf8'),
  );
  const kept = `${history}\n${decoded}\n${fleet.worker().output()}`;
  expect(kept).toContain('secret.csv');
  expect(kept).not.toContain(MARKER);
  expect(kept).not.toContain('777.125');
  expect(readFileSync(pathOf('secret-out.csv'), 'utf8')).toContain(MARKER);
});
