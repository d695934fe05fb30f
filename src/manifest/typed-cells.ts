/**
 * Text cells as what the request's schema expects at their place: numbers, true and false, lists and objects as JSON.
 * The schema says which, so that an item named 007 keeps its zeros. What does not fit stays text, and the check says so.
 */
import type { z } from 'zod';
import type { Document } from './entries.js';

/** A cell may be an object whose own cells are text no more, so one pass is enough; unions may need a second one. */
const PASSES_MAX = 3;

export function typedCells(schema: z.ZodType, document: Document): Document {
  let typed = document;
  for (let pass = 0; pass < PASSES_MAX; pass += 1) {
    const parsed = schema.safeParse(typed);
    if (parsed.success) break;
    let isChanged = false;
    for (const issue of parsed.error.issues) {
      if (issue.code !== 'invalid_type') continue;
      const next = replaced(typed, issue.path, (cell) => typedValue(cell, issue.expected));
      isChanged ||= next !== typed;
      typed = next;
    }
    if (!isChanged) break;
  }
  return typed;
}

/** The same object where nothing changes. */
function replaced(
  value: Document,
  [name, ...rest]: readonly PropertyKey[],
  change: (cell: string) => unknown,
): Document {
  const key = String(name);
  if (name === undefined || !Object.hasOwn(value, key)) return value;
  const member = value[key];
  const next =
    rest.length > 0 && typeof member === 'object' && member !== null
      ? replaced(member as Document, rest, change)
      : typeof member === 'string' && rest.length === 0
        ? change(member)
        : member;
  return next === member ? value : { ...value, ...Object.fromEntries([[key, next]]) };
}

function typedValue(cell: string, expected: string): unknown {
  switch (expected) {
    case 'number':
    case 'int':
      return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(cell) ? Number(cell) : cell;
    case 'boolean':
      return /^true$/i.test(cell) ? true : /^false$/i.test(cell) ? false : cell;
    case 'array':
    case 'object':
    case 'record':
      return jsonOf(cell);
    default:
      return cell;
  }
}

function jsonOf(cell: string): unknown {
  try {
    return JSON.parse(cell);
  } catch {
    return cell;
  }
}
