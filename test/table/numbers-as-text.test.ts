import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DIGIT_COUNT, leadingExponent, writeDigits } from '../../src/table/decimal-digits.js';
import { pythonFloat } from '../../src/table/python-float.js';
import { roundHalfEven } from '../../src/table/round-half-even.js';

const SEEDED = { seed: 3, numRuns: 2_000 };
const anyNumber = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer().map((n) => n / 100),
  fc
    .tuple(fc.integer({ min: 1, max: 999_999 }), fc.integer({ min: -20, max: 20 }))
    .map(([n, e]) => Number(`${n}e${e}`)),
);

describe('pythonFloat', () => {
  test.each([
    [1, '1.0'],
    [-0, '-0.0'],
    [0, '0.0'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1.5e-5, '1.5e-05'],
    [1e15, '1000000000000000.0'],
    [1e16, '1e+16'],
    [1.2345678901234568e17, '1.2345678901234568e+17'],
    [-2.5e-100, '-2.5e-100'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
    [Number.NaN, 'nan'],
  ])('spells %p as Python does', (x, text) => {
    expect(pythonFloat(x)).toBe(text);
  });

  test('reads back as the same number, with a point or an exponent of two digits and more', () => {
    fc.assert(
      fc.property(anyNumber, (x) => {
        const text = pythonFloat(x);
        expect(Number(text)).toBe(x);
        expect(text).toMatch(/^-?\d+(?:\.\d+|(?:\.\d+)?e[+-]\d{2,3})$/);
      }),
      SEEDED,
    );
  });
});

describe('writeDigits', () => {
  const digitsOf = (x: number) => {
    const digits = new Uint8Array(DIGIT_COUNT);
    const hasMore = writeDigits(x, digits);
    return { text: Array.from(digits).join(''), hasMore };
  };

  test.each([
    [12.5, '0000000000000000012', '50000000', false],
    [0.1 + 0.2, '0000000000000000000', '30000000', true],
    [1 / 3, '0000000000000000000', '33333333', true],
    [1e-9, '0000000000000000000', '00000000', true],
    [-123456789.12345679, '0000000000123456789', '12345679', false],
    [2 ** 53, '0009007199254740992', '00000000', false],
    [1e21, '0000000000000000000', '00000000', false],
  ])('%p: its digits at 10^18 down to 10^-8', (x, whole, decimals, hasMore) => {
    expect(digitsOf(x)).toEqual({ text: whole + decimals, hasMore });
  });

  test('agrees with exact arithmetic on the shortest decimal', () => {
    fc.assert(
      fc.property(anyNumber, (x) => {
        const [, whole, fraction = '', exponent = '0'] = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(
          String(Math.abs(x)),
        )!;
        const scale = Number(exponent) - fraction.length + 8;
        const integer = BigInt(whole! + fraction);
        const scaled = scale >= 0 ? integer * 10n ** BigInt(scale) : integer / 10n ** BigInt(-scale);
        const { text, hasMore } = digitsOf(x);
        expect(text).toBe(scaled.toString().padStart(DIGIT_COUNT, '0').slice(-DIGIT_COUNT));
        expect(hasMore).toBe(scale < 0 && scaled * 10n ** BigInt(-scale) !== integer);
      }),
      SEEDED,
    );
  });

  test('the leading exponent is exact at powers of ten', () => {
    for (let exponent = 0; exponent <= 22; exponent += 1) expect(leadingExponent(10 ** exponent)).toBe(exponent);
    expect(leadingExponent(999.9999999999999)).toBe(2);
  });
});

test.each([
  [0.5, 0],
  [1.5, 2],
  [2.5, 2],
  [2.6, 3],
  [-0.5, 0],
  [-1.5, -2],
  [-2.4, -2],
  [0.49999999999999994, 0],
])('%p rounds to %p, halves to even', (x, rounded) => {
  expect(roundHalfEven(x) + 0).toBe(rounded);
});
