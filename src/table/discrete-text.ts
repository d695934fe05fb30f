/**
 * How a value of a numeric discrete column is spelled as a category (data-plane 3.4.6, 5.3). Integers are positional and
 * exact at any size (the SDK spells 1e16 with an exponent and then never finds it again; and BUG-29).
 */
import { pythonFloat } from './python-float.js';

/** @param minDecimal the column's: from 0 on its values are integers */
export function spellDiscrete(value: number | bigint, minDecimal: number): string {
  if (typeof value === 'bigint') return value.toString();
  return minDecimal < 0 ? pythonFloat(value) : BigInt(Math.trunc(value)).toString();
}
