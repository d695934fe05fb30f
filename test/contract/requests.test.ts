/**
 * Every bound of the SDK's configuration objects (data-plane 11.1, 11.3, 11.4), by the names its users know: what lies on the
 * bound is taken, what lies beyond is refused, with a sentence that names the bound and what was given.
 */
import { expect, test } from '@jest/globals';
import { describeIssue } from '../../src/contract/describe-issue.js';
import { generationSchema, modelSettingsSchema, synthesizeRequestSchema } from '../../src/contract/requests.js';

const X = { uri: '/in/x.csv' };

test('the defaults are those of the SDK', () => {
  expect(modelSettingsSchema.parse({})).toEqual({
    model_size: 'medium',
    embedding_dim: 64,
    batch_size: 256,
    max_epochs: 100,
    accumulation_steps: 1,
    early_stop_patience: 4,
    val_split: 0.1,
    label_smoothing: 0,
    embedding_dropout: 0.5,
    time_limit_seconds: 0,
    timeout: 14_400,
    privacy: { protect_rare: true, rare_strategy: 'mask', enabled: false, noise: 0.1 },
  });
  expect(generationSchema.parse({})).toEqual({ diversity: 1, rare_cutoff: 1 });
  expect(generationSchema.parse({ impute: { X } }).impute).toEqual({ X, trials: 1, pick: 'mode' });
});

test.each([
  ['model_size', ['small', 'medium', 'large'], ['tiny', null, 1]],
  ['embedding_dim', [1, 64], [0, -1, 1.5, '64', true]],
  ['batch_size', [1], [0, 2.5, true]],
  ['max_epochs', [1], [0, 0.5]],
  ['accumulation_steps', [1, 8], [0, 1.5]],
  ['early_stop_patience', [0, 4], [-1, 0.5]],
  ['val_split', [0.001, 0.999], [0, 1, -0.1, '0.1']],
  ['label_smoothing', [0, 0.999], [1, -0.1]],
  ['embedding_dropout', [0, 0.999], [1, -0.1]],
  ['time_limit_seconds', [0, 1.5], [-1, Number.POSITIVE_INFINITY, Number.NaN]],
  ['timeout', [0.5, 14_400], [0, -1, Number.POSITIVE_INFINITY]],
  ['learning_rate', [1e-9, 10], [0, -1, Number.NaN, null]],
  ['encoding_types', [{ a: 'TABULAR_CHARACTER' }, {}], [{ a: 'TABULAR' }, [], 'AUTO']],
  ['unknown_field', [], [1]],
] as const)('model.%s', (field, taken, refused) => {
  for (const value of taken) expect(modelSettingsSchema.safeParse({ [field]: value }).error).toBeUndefined();
  for (const value of refused)
    expect([value, modelSettingsSchema.safeParse({ [field]: value }).success]).toEqual([value, false]);
});

test.each([
  ['protect_rare', [true, false], [1, 'yes']],
  ['rare_strategy', ['mask', 'sample'], ['drop', null]],
  ['enabled', [true, false], [0]],
  ['noise', [0, 2], [-0.1, Number.POSITIVE_INFINITY, Number.NaN]],
  ['epsilon', [], [1]],
] as const)('model.privacy.%s', (field, taken, refused) => {
  const parse = (value: unknown) => modelSettingsSchema.safeParse({ privacy: { [field]: value } });
  for (const value of taken) expect(parse(value).error).toBeUndefined();
  for (const value of refused) expect([value, parse(value).success]).toEqual([value, false]);
});

const bias = (target: unknown, sensitive: unknown) => ({ target, sensitive });
const distribution = (column: unknown, probabilities: unknown) => ({ column, probabilities });
test.each([
  ['n_samples', [1], [0, 1.5, '1']],
  ['diversity', [0.001, 5], [0, -1, Number.NaN, '1']],
  ['rare_cutoff', [0.001, 1], [0, 1.001, Number.NaN]],
  ['rare_strategy', ['mask', 'sample'], ['drop']],
  ['seed', [0, 7], [1.5, '7', -1]],
  [
    'distribution',
    [distribution('g', { a: 0 }), distribution('g', { a: 3, b: 1 })],
    [
      distribution('', { a: 1 }),
      distribution(' ', { a: 1 }),
      distribution('g', {}),
      distribution('g', { '': 1 }),
      distribution('g', { a: -0.1 }),
      distribution('g', { a: Number.NaN }),
      { column: 'g' },
    ],
  ],
  [
    'bias',
    [bias('a', ['b']), bias('a', ['b', 'c'])],
    [bias('', ['b']), bias('a', []), bias('a', ['a']), bias('a', ['b', ' ']), bias('a', 'b')],
  ],
  ['conditions', [X], [{}, 'x.csv', [{ city: 'Oslo' }]]],
  [
    'impute',
    [{ X }, { X, trials: 100, pick: 'mean' }],
    [{}, { X, trials: 0 }, { X, trials: 101 }, { X, pick: 'all' }, { X, trials: 1.5 }],
  ],
] as const)('generation.%s', (field, taken, refused) => {
  for (const value of taken) expect(generationSchema.safeParse({ [field]: value }).error).toBeUndefined();
  for (const value of refused)
    expect([value, generationSchema.safeParse({ [field]: value }).success]).toEqual([value, false]);
});

test('conditions and imputing are not asked for together', () => {
  expect(generationSchema.safeParse({ conditions: X, impute: { X } }).error?.issues).toMatchObject([
    { path: ['impute'] },
  ]);
});

test.each([
  [{ generation: { rare_cutoff: 1.5 } }, /^must be at most 1; 1.5 was given/],
  [{ model: { val_split: 0 } }, /^must be more than 0; 0 was given/],
  [{ model: { model_size: 'tiny' } }, /^must be one of small, medium, large; "tiny" was given/],
  [{ generation: { impute: { X, trials: 101 } } }, /^must be at most 100; 101 was given/],
  [{ model: { max_epochs: 'three' } }, /^must be a number, not a text$/],
  [{ model: [] }, /^must be an object, not a list$/],
  [{ table: {} }, /^is missing; it must be a text$/],
])('%j is refused with its bound and what was given', (part, sentence) => {
  const request = { table: X, output: { uri: '/out/y.csv' }, ...part };
  const [issue] = synthesizeRequestSchema.safeParse(request).error!.issues;
  expect(describeIssue(issue!, request)).toMatch(sentence);
});

test('a text that may be a key is not quoted', () => {
  const request = { table: X, output: { uri: '/out/y.csv' }, account: 'dx_live_0123456789abcdef' };
  const [issue] = synthesizeRequestSchema.safeParse(request).error!.issues;
  expect(issue!.path).toEqual(['account']);
  expect(describeIssue(issue!, request)).not.toContain('dx_live');
});
