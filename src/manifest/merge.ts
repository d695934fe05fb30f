/** One document over another: objects are merged, anything else is replaced. */
import { type Document, isDocument } from './entries.js';

export function merge(below: Document, above: Document): Document {
  const names = new Set([...Object.keys(below), ...Object.keys(above)]);
  // Object.fromEntries, to which `__proto__` is a name like any other.
  return Object.fromEntries(
    [...names].map((name) => {
      if (!Object.hasOwn(above, name)) return [name, below[name]];
      const [lower, upper] = [Object.hasOwn(below, name) ? below[name] : undefined, above[name]];
      return [name, isDocument(lower) && isDocument(upper) ? merge(lower, upper) : upper];
    }),
  );
}
