import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Random } from '../../src/table/random.js';

test('skipped normals leave a source where drawn ones do, in another one that goes on from its state too', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.nat({ max: 700 }),
      fc.array(fc.nat({ max: 1_500 }), { maxLength: 4 }),
      (seed, words, skips) => {
        const [drawn, skipped] = [new Random(seed), new Random(seed)];
        for (const random of [drawn, skipped]) for (let i = 0; i < words; i += 1) random.next();
        for (const count of skips) {
          for (let i = 0; i < count; i += 1) drawn.normal();
          skipped.skipNormals(count);
          expect(skipped.state()).toEqual(drawn.state());
        }
        const resumed = Random.from(skipped.state());
        expect([resumed.normal(), resumed.normal(), resumed.next()]).toEqual([
          drawn.normal(),
          drawn.normal(),
          drawn.next(),
        ]);
      },
    ),
    { seed: 5, numRuns: 60 },
  );
});
