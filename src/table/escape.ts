/**
 * Categories that look like our own tokens get U+0001 in front, and lose it again on the way back (data-plane 1.5).
 */
import { NULL_TOKEN, PROTECTED } from './stats.js';

const ESCAPE = '\u0001';

export function escapeCategory(text: string): string {
  return text.startsWith(ESCAPE) || text === PROTECTED || text === NULL_TOKEN ? ESCAPE + text : text;
}

export function unescapeCategory(stored: string): string {
  const isEscaped =
    stored === ESCAPE + PROTECTED || stored === ESCAPE + NULL_TOKEN || stored.startsWith(ESCAPE + ESCAPE);
  return isEscaped ? stored.slice(1) : stored;
}
