/** From which stages a retry can go on, for everything that an ended job may have left. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { modelIdSchema } from '../../src/contract/ids.js';
import { RETRY_STAGES } from '../../src/contract/retry.js';
import { type Reusable, stagesToGoOnFrom, whyNotFrom } from '../../src/contract/reusable.js';

const ARTIFACT = { uri: 'artifact:0/a.json', bytes: 1, sha256: '0'.repeat(64) };
const ID = modelIdSchema.parse('mdl_0123456789ab');

const anyReusable = fc.record({
  prepared: fc.option(fc.record({ hasBodies: fc.boolean() }), { nil: undefined }),
  model: fc.option(fc.record({ isUploaded: fc.boolean() }), { nil: undefined }),
});
const anyStatus = fc.constantFrom(undefined, 'created', 'building', 'training', 'ready', 'failed', 'a new word');
const reusableOf = ({ prepared, model }: { prepared?: object | undefined; model?: object | undefined }): Reusable =>
  ({
    ...(prepared === undefined
      ? {}
      : { prepared: { metadata: ARTIFACT, create: ARTIFACT, upload: ARTIFACT, ...prepared } }),
    ...(model === undefined ? {} : { model: { id: ID, ...model } }),
    gone: [],
  }) as unknown as Reusable;

test('a retry can always begin anew, and goes on with a model only where it is alive and in the state for it', () => {
  fc.assert(
    fc.property(anyReusable, anyStatus, (found, seen) => {
      const reusable = reusableOf(found);
      const status = found.model === undefined ? undefined : seen;
      const can = stagesToGoOnFrom('synthesize', reusable, status);
      expect(can[0]).toBe('preparing');
      expect([...can]).toEqual(RETRY_STAGES.filter((stage) => can.includes(stage)));
      if (reusable.prepared === undefined) expect(can).toEqual(['preparing']);
      if (status === undefined || status === 'failed') expect(can).not.toContain('training');
      expect(can.includes('generating')).toBe(status === 'ready' && reusable.prepared !== undefined);
      expect(can.includes('uploading')).toBe(status === 'created' && reusable.prepared?.hasBodies === true);
      expect(stagesToGoOnFrom('train', reusable, status)).not.toContain('generating');
    }),
    { seed: 1 },
  );
});

test.each([
  [{ prepared: { hasBodies: true }, model: { isUploaded: false } }, 'created', 'uploading'],
  [{ prepared: { hasBodies: true }, model: { isUploaded: true } }, 'created', 'training'],
  [{ prepared: { hasBodies: true }, model: { isUploaded: true } }, 'training', 'training'],
  [{ prepared: { hasBodies: false }, model: { isUploaded: true } }, 'ready', 'generating'],
  [{ prepared: { hasBodies: true }, model: { isUploaded: true } }, undefined, 'creating'],
  [{ prepared: { hasBodies: false }, model: { isUploaded: true } }, 'failed', 'preparing'],
])('of %j with a model that is %s the latest stage is %s', (found, status, latest) => {
  expect(stagesToGoOnFrom('synthesize', reusableOf(found), status).at(-1)).toBe(latest);
});

test('a refusal says what is gone and which stages work', () => {
  const reusable = { ...reusableOf({ model: { isUploaded: true } }), gone: ['Its encoded table is gone.'] };
  const retryOf = { job: 'nightly', runId: 'r', from: 'generating' as const };
  expect(whyNotFrom(retryOf, reusable, undefined, ['preparing'])).toBe(
    `nightly cannot be retried from generating. Its model ${ID} is gone. Its encoded table is gone. --from preparing works.`,
  );
});
