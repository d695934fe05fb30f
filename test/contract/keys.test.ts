import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { idempotencyKey, type KeyScope, seedOf } from '../../src/contract/keys.js';

const scope: KeyScope = { namespace: 'default', workflowId: 'synthesize-customers', firstExecutionRunId: 'run-1' };

test('a key is the same for the same request, for ever', () => {
  expect(idempotencyKey(scope, 'generate', 3, 0)).toBe(
    'b9984f20afa523178dc1217ffa02a337c15c91bc7e03f69b61f96d6d7b53cb0d',
  );
});

test('every part of a request changes its key', () => {
  const requests = fc.tuple(
    fc.record({ namespace: fc.string(), workflowId: fc.string(), firstExecutionRunId: fc.string() }),
    fc.constantFrom('create', 'init-training', 'train', 'generate' as const),
    fc.nat(1000),
    fc.nat(20),
  );
  fc.assert(
    fc.property(requests, requests, (one, other) => {
      const areSame = JSON.stringify(one) === JSON.stringify(other);
      expect(
        idempotencyKey(...(one as Parameters<typeof idempotencyKey>)) ===
          idempotencyKey(...(other as Parameters<typeof idempotencyKey>)),
      ).toBe(areSame);
    }),
  );
});

test('a second job under the same id has other keys', () => {
  expect(idempotencyKey({ ...scope, firstExecutionRunId: 'run-2' }, 'create', 0, 0)).not.toBe(
    idempotencyKey(scope, 'create', 0, 0),
  );
});

test('seeds are 31-bit integers, one a purpose, and follow the request’s seed where there is one', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31 - 1), fc.string(), fc.nat(100), (seed, purpose, index) => {
      const derived = seedOf(seed, purpose, index);
      expect(Number.isInteger(derived) && derived >= 0 && derived < 2 ** 31).toBe(true);
      expect(seedOf(seed, purpose, index)).toBe(derived);
    }),
  );
  expect(seedOf(7, 'decode', 0)).not.toBe(seedOf(7, 'decode', 1));
  expect(seedOf(7, 'decode', 0)).not.toBe(seedOf(scope, 'decode', 0));
});
