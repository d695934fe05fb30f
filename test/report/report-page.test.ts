/** The page as a file: whole, self-contained, escaped, and silent about what few real rows hold. */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { writeReport } from '../../src/report/index.js';
import { smallTable } from '../support/small-table.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dxo-report-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function fileOf(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

async function reportOf(real: string, synthetic: string, holdout?: string, given?: string[]) {
  const output = join(folder, 'report.html');
  const summary = await writeReport({
    real: await fileOf('real.csv', real),
    synthetic: await fileOf('synthetic.csv', synthetic),
    ...(holdout === undefined ? {} : { holdout: await fileOf('holdout.csv', holdout) }),
    ...(given === undefined ? {} : { given }),
    output,
  });
  return { summary, page: await readFile(output, 'utf8') };
}

/** The cells beside a row's head, with plain spaces. */
function cellsOf(page: string, head: string): string[] {
  const row = new RegExp(`<th scope="row">${head}</th>(.*?)</tr>`).exec(page)?.[1] ?? '';
  return [...row.matchAll(/<td>(.*?)<\/td>/g)].map(([, cell]) => cell!.replaceAll('\u00a0', ' '));
}

/** Rows of one column, as a CSV. */
const column = (name: string, cells: readonly string[]): string => `${name}\n${cells.join('\n')}\n`;
const repeated = (cell: string, count: number): string[] => Array.from({ length: count }, () => cell);

test('a table beside itself is all alike and all copies', async () => {
  const { summary, page } = await reportOf(smallTable(200), smallTable(200));
  expect(summary).toEqual({ overall: 1, columns: 1, pairs: 1, copiesShare: 1 });
  expect(page).toContain('<th scope="row"><a href="#column-1"><bdi>city</bdi></a></th>');
  expect((await readdir(folder)).sort()).toEqual(['real.csv', 'report.html', 'synthetic.csv']);
});

test('the same tables and seed give the same page, another seed other halves', async () => {
  const real = await fileOf('real.csv', smallTable(301));
  const synthetic = await fileOf(
    'synthetic.csv',
    smallTable(100, (row) => (row % 3 === 0 ? 'Oslo' : 'Rome')),
  );
  const output = join(folder, 'report.html');
  const write = async (seed: number) => {
    await writeReport({ real, synthetic, seed, output });
    return await readFile(output, 'utf8');
  };
  expect(await write(4)).toBe(await write(4));
  const halves = [];
  for (const seed of [1, 2, 3]) halves.push(/(\d+) training and \d+ holdout/.exec(await write(seed))![1]);
  expect(new Set(halves).size).toBeGreaterThan(1);
});

test('text of the tables is escaped, in names and in values', async () => {
  const hostile = `"</title><script>alert(1)</script>","a ""b"" & 'c'"`;
  const rows = Array.from({ length: 40 }, (_, i) => `<img src=x onerror=alert(${i % 2})>,${i}`);
  const { page } = await reportOf(`${hostile}\n${rows.join('\n')}\n`, `${hostile}\n${rows.join('\n')}\n`);
  expect(page.match(/<script|<img|<\/title><\/|onerror=alert\(\d\)>/g)).toBeNull();
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
  expect(page).toContain('a &quot;b&quot; &amp; &#39;c&#39;');
});

test('the page fetches nothing, and its policy allows its own style alone', async () => {
  const { page } = await reportOf(smallTable(60), smallTable(60));
  const style = /<style>([\s\S]*)<\/style>/.exec(page)![1]!;
  const digest = createHash('sha256').update(style).digest('base64');
  expect(page).toContain(
    `content="default-src &#39;none&#39;; style-src &#39;sha256-${digest}&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"`,
  );
  expect(page).not.toMatch(/<(?:script|link|img|iframe|object|base|form)\b|\ssrc=|\sstyle=|@import|url\(/);
  const outward = [...page.matchAll(/https?:\/\/[^"<\s]*/g)].map(([url]) => new URL(url).host);
  expect(new Set(outward)).toEqual(new Set(['docs.sdv.dev', 'github.com']));
});

test('every figure has a title and a description, every table a caption, every reference its target', async () => {
  const { page } = await reportOf(smallTable(100), smallTable(100));
  const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id!);
  expect(new Set(ids).size).toBe(ids.length);
  const referred = [...page.matchAll(/(?:aria-labelledby="|href="#)([^"]+)"/g)].flatMap(([, id]) => id!.split(' '));
  expect(referred.filter((id) => !ids.includes(id))).toEqual([]);
  const figures = page.match(/<svg [^>]*role="img"[\s\S]*?<\/svg>/g)!;
  // Five columns, three matrices, one of distances.
  expect(figures).toHaveLength(9);
  expect(figures.filter((figure) => !/<title id=[\s\S]*<desc id=/.test(figure))).toEqual([]);
  expect(page.match(/<table>/g)).toHaveLength(page.match(/<table><caption>[^<]+<\/caption>/g)!.length);
});

test.each([
  ['a category that six rows hold', column('city', [...repeated('Oslo', 90), ...repeated('Zzyzx', 6)]), /Zzyzx/],
  [
    'the place of the largest number',
    column('pay', [...Array.from({ length: 99 }, (_, i) => `${i}`), '98765']),
    />9\d\s\d{3}|[67]\d\s000/,
  ],
  ['the place of the earliest date', column('day', ['1901-03-07', ...repeated('2020-01-02', 60)]), /19\d\d-|18\d\d-/],
  ['a number in a column with few', column('n', ['4711.5', ...repeated('', 30)]), /4\s?71\d/],
])('%s is not told, though a synthetic row has it too', async (_, table, secret) => {
  const { page } = await reportOf(table, table);
  expect(page.match(secret)).toBeNull();
});

test('a category that seven rows hold is told', async () => {
  const table = column('city', [...repeated('Oslo', 90), ...repeated('Zzyzx', 7)]);
  expect((await reportOf(table, table)).page).toContain('Zzyzx');
});

test('a bin that few real rows fall into says only that', async () => {
  const real = column('n', [...repeated('10', 50), ...repeated('17', 3), ...repeated('20', 50)]);
  const { page } = await reportOf(real, column('n', repeated('17', 100)));
  expect(cellsOf(page, '16 to 17')).toEqual(['under 7 rows', '0.0 %']);
  expect(cellsOf(page, '17 to 18')).toEqual(['under 7 rows', '100.0 %']);
});

test('columns of one table only are named and not compared', async () => {
  const real = 'a,b,left\n1,x,2\n2,y,3\n';
  const { page } = await reportOf(real, 'b,a,right\nx,1,5\ny,2,6\n');
  expect(page).toContain('Only in the real table, so not compared: <bdi>left</bdi>.');
  expect(page).toContain('Only in the synthetic table, so not compared: <bdi>right</bdi>.');
  expect(page).toContain('Columns compared: 2.');
});

test('given columns are named and in no score, and copies are still of whole rows', async () => {
  const rows = (city: string) => Array.from({ length: 60 }, (_, i) => `${city},${i % 7},${i % 5}`).join('\n');
  const [real, synthetic] = [`city,a,b\n${rows('Oslo')}\n`, `city,a,b\n${rows('Rome')}\n`];
  expect((await reportOf(real, synthetic)).summary.overall).toBeLessThan(0.9);
  const { summary, page } = await reportOf(real, synthetic, undefined, ['city']);
  expect(summary).toEqual({ overall: 1, columns: 1, pairs: 1, copiesShare: 0 });
  expect(page).toContain('Given by conditions, not judged: <bdi>city</bdi>.');
  expect(page).toContain('Columns compared: 2, given: 1.');
  expect(page).not.toMatch(/<h3[^>]*><bdi>city<|<li><bdi>city</);

  const all = await reportOf(real, real, undefined, ['city', 'a', 'b']);
  expect(all.summary).toEqual({ overall: null, columns: null, pairs: null, copiesShare: 1 });
  expect(all.page).toContain('Columns compared: 0, given: 3.');
});

test('a given column that the real table lacks is refused by name', async () => {
  const refused = reportOf('a,b\n1,2\n', 'a,b\n1,2\n', undefined, ['a', 'c']);
  await expect(refused).rejects.toMatchObject({
    code: 'columns_invalid',
    message: expect.stringMatching(/^"c" is said/),
  });
});

test('text in one table and dates or numbers in the other are compared as those', async () => {
  const dates = Array.from({ length: 40 }, (_, i) => new Date(Date.UTC(2020, 0, 1 + i)));
  const american = dates.map((date) => `${date.getUTCMonth() + 1}/${date.getUTCDate()}/2020`);
  const real = `day,price\n${american.map((day, i) => `${day},${i} EUR`).join('\n')}\n`;
  const synthetic = `day,price\n${dates.map((date, i) => `${date.toISOString().slice(0, 10)},${i}`).join('\n')}\n`;
  const { summary, page } = await reportOf(real, synthetic);
  expect(summary).toEqual({ overall: 1, columns: 1, pairs: 1, copiesShare: 1 });
  expect(page).toContain('<p>dates · score');
});

test('a holdout is named, and its rows are measured against all real ones', async () => {
  const { page } = await reportOf(smallTable(100), smallTable(90), smallTable(80));
  expect(page).toContain('Holdout: <bdi>holdout.csv</bdi>');
  // Every row of the holdout is among the real ones.
  expect(page).toMatch(/Of the holdout’s rows, 100\.0\s% equal a real row/);
  expect(page).toMatch(/Looked at: 90 synthetic, 80 training and 80 holdout rows, drawn with seed 1/);
});

test('a holdout that lacks a column is refused by name', async () => {
  await expect(reportOf('a,b\n1,2\n', 'a,b\n1,2\n', 'a\n1\n')).rejects.toThrow(/holdout\.csv has no column "b"/);
});

test('tables without a common column are refused, and so is an output that cannot be written', async () => {
  await expect(reportOf('a\n1\n', 'b\n1\n')).rejects.toMatchObject({ name: 'InputError', code: 'columns_invalid' });
  const real = await fileOf('real.csv', 'a\n1\n');
  const output = join(folder, 'missing', 'report.html');
  await expect(writeReport({ real, synthetic: real, output })).rejects.toMatchObject({ code: 'output_unwritable' });
  await expect(writeReport({ real: join(folder, 'no.csv'), synthetic: real, output })).rejects.toMatchObject({
    code: 'file_not_found',
  });
});

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const CELLS = [
  fc.constant(''),
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.oneof(fc.double().map(String), fc.constantFrom('0', '-0', '1e308', '-1e308', '5e-324', 'inf', 'nan', '')),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom('1/2/2020', '2020-01-31', '2020-01-31 10:00:00+02:00', '13.1.2020', 'soon', ''),
  fc.constantFrom('true', 'false', ''),
  fc.constantFrom('<<NULL>>', '007', ' ', 'x'),
  fc.string({ unit: 'grapheme', maxLength: 6 }).map(quoted),
];
const NAMES = ['__proto__', 'a/b', 'a__b', '🙂'];

const table = fc
  .tuple(fc.integer({ min: 1, max: 40 }), ...NAMES.map(() => fc.constantFrom(...CELLS)))
  .chain(([rows, ...cells]) => fc.array(fc.tuple(...(cells as typeof CELLS)), { minLength: rows, maxLength: rows }))
  .map((rows) => `${[NAMES, ...rows].map((row) => row.join(',')).join('\n')}\n`);

test('any two tables of these columns have a report, with scores from 0 to 1', async () => {
  await fc.assert(
    fc.asyncProperty(table, table, async (real, synthetic) => {
      const { summary, page } = await reportOf(real, synthetic);
      for (const score of Object.values(summary)) expect(score ?? 0).toBeGreaterThanOrEqual(0);
      for (const score of Object.values(summary)) expect(score ?? 1).toBeLessThanOrEqual(1);
      // Values stand in <bdi>, or in a figure's texts.
      const ours = page.replace(/<bdi>.*?<\/bdi>|<text class="value".*?<\/text>/g, '');
      expect(ours.match(/.{40}(?:NaN|undefined|Infinity|\[object)/g)).toBeNull();
    }),
    { seed: 20_261_123, numRuns: 8 },
  );
});
