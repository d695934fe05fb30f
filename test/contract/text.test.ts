/** Texts of others in the Web UI's Markdown: shown as they are, and without a say in how. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { batchRequestSchema } from '../../src/contract/batch.js';
import { detailRequest, summarizeRequest } from '../../src/contract/describe-request.js';
import { generateRequestSchema, synthesizeRequestSchema } from '../../src/contract/requests.js';
import { cutToBytes, escapeMarkdown, unescapeMarkdown } from '../../src/contract/text.js';

const MARKUP = [
  '`',
  '*',
  '_',
  '{',
  '[',
  ']',
  '(',
  ')',
  '#',
  '+',
  '!',
  '|',
  '<',
  '>',
  '~',
  '&',
  '@',
  '\\',
  '-',
  '=',
  '1.',
];
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(...MARKUP, '\n', '\t', '   ', 'http://x', 'www.x', '\u202e', '<b>'),
      fc.string({ maxLength: 3 }),
    ),
  )
  .map((parts) => parts.join(''));

test('any text is one line that reads as the text itself, and every mark in it is escaped', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const escaped = escapeMarkdown(text);
      expect(escaped).not.toMatch(/[\n\r\u2028\u2029\u202e]/);
      // As Markdown reads it: a backslash before punctuation is gone, and what it stands before is text.
      const shown = unescapeMarkdown(escaped);
      expect(shown).toBe(
        text
          .replaceAll('\u202e', '')
          .replace(/[\s\p{Cc}]+/gu, ' ')
          .trim(),
      );
      const active = escaped.replace(/\\[!-/:-@[-`{-~]/g, 'x');
      expect(active).not.toMatch(/[\\`*_{}[\]()#+!|<>~&@]|:\/\/|www\.|^[-=]|^\d+\./i);
    }),
    { seed: 7, numRuns: 2_000 },
  );
});

test('a name of a file brings no markup into summary and details', () => {
  const request = synthesizeRequestSchema.parse({
    table: { uri: '/data/<img src=x> | **a**.csv' },
    output: { uri: '/out/[x](y).csv' },
  });
  for (const text of [summarizeRequest('synthesize', request), detailRequest('synthesize', request)]) {
    expect(text).toContain('\\<img src=x\\> \\| \\*\\*a\\*\\*.csv');
    expect(text).toContain('\\[x\\]\\(y\\).csv');
  }
});

test('the details say what, how many rows and to where, for each kind', () => {
  const trained = {
    account: 'acme',
    modelId: 'mdl_0123456789ab',
    metadata: { uri: 'artifact:a/b', bytes: 1, sha256: '0'.repeat(64) },
    rows: 200,
  };
  const generate = generateRequestSchema.parse({
    trained,
    output: { uri: '/out/t.csv' },
    generation: { n_samples: 7 },
  });
  expect(detailRequest('generate', generate).split('\n')).toEqual([
    '**generate mdl\\_0123456789ab**',
    '',
    '- from: model mdl\\_0123456789ab, trained on 200 rows',
    '- rows: 7',
    '- to: /out/t.csv',
    '- account: acme',
    '- when the row quota is used up: fails',
  ]);
  const batch = batchRequestSchema.parse({
    manifest: { uri: '/in/tonight.yaml' },
    output: { uri: '/out/tonight.jsonl' },
  });
  expect(summarizeRequest('batch', batch)).toBe('batch tonight.yaml to tonight.jsonl');
  expect(detailRequest('batch', batch)).toContain('- items: synthesize, listed in /in/tonight.yaml');
});

test('summary and details stay within what Temporal keeps, whatever the names', () => {
  const uri = `/data/${'*'.repeat(4_000)}`;
  const request = synthesizeRequestSchema.parse({ table: { uri }, output: { uri } });
  expect(Buffer.byteLength(summarizeRequest('synthesize', request))).toBeLessThanOrEqual(400);
  expect(Buffer.byteLength(detailRequest('synthesize', request))).toBeLessThanOrEqual(20_000);
});

test('a text is cut at a whole character, within its bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 3, max: 40 }), (text, bytesMax) => {
      const cut = cutToBytes(text, bytesMax);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(Math.max(bytesMax, 3));
      expect(cut === text || text.startsWith(cut.slice(0, -1))).toBe(true);
    }),
    { seed: 8 },
  );
});
