/**
 * JSON as the Python SDK writes it, piece by piece: keys in the order given (JavaScript would move integer-like keys to the
 * front, and the server may read `codes` by order), floats with their point (`1.0`, `1e-05`), compact, UTF-8 unescaped.
 * Values are small trees; a long list may be any iterable, walked once. Not here: cutting into chunks (body.ts).
 */
import { pythonFloat } from '../python-float.js';

/** A number that Python holds as float and prints with a point. */
export interface WireFloat {
  readonly float: number;
}
export type WireObject = ReadonlyMap<string, WireValue>;
export type WireValue = string | number | boolean | null | WireFloat | WireObject | WireList;
export interface WireList {
  readonly list: Iterable<WireValue>;
}

export const float = (value: number): WireFloat => ({ float: value });
export const list = (values: Iterable<WireValue>): WireList => ({ list: values });

/**
 * An object without U+0000 in its keys, as the wire has it (data-plane 4.4); of two keys that become equal the later wins.
 * Done on the object: the SDK edits JSON text and breaks on a literal backslash-u0000 (BUG-6).
 */
export function object(entries: Iterable<readonly [string, WireValue]>): WireObject {
  const result = new Map<string, WireValue>();
  for (const [key, value] of entries) result.set(withoutNul(key), value);
  return result;
}

/** The JSON text of a value, in pieces of at most one number or string. */
export function* jsonText(value: WireValue): Generator<string> {
  if (typeof value === 'string') {
    yield JSON.stringify(withoutNul(value));
  } else if (value === null || typeof value !== 'object') {
    yield String(value);
  } else if (value instanceof Map) {
    let separator = '{';
    for (const [key, member] of value) {
      yield `${separator}${JSON.stringify(key)}:`;
      yield* jsonText(member);
      separator = ',';
    }
    yield value.size === 0 ? '{}' : '}';
  } else if ('list' in value) {
    yield '[';
    let separator = '';
    for (const member of value.list) {
      if (separator) yield separator;
      yield* jsonText(member);
      separator = ',';
    }
    yield ']';
  } else {
    yield pythonFloat((value as WireFloat).float);
  }
}

export function withoutNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '') : text;
}
