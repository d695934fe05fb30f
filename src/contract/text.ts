/**
 * Texts for the Temporal Web UI. Short ones, since Temporal cuts failures off by bytes and drops their details when it
 * does; and harmless ones, since summaries and details are drawn as Markdown, raw HTML included (measured).
 */
export function cutToBytes(text: string, bytesMax: number): string {
  if (utf8Bytes(text) <= bytesMax) return text;
  let cut = '';
  let bytes = ELLIPSIS_BYTES;
  for (const character of text) {
    bytes += utf8Bytes(character);
    if (bytes > bytesMax) break;
    cut += character;
  }
  return `${cut}…`;
}

const ELLIPSIS_BYTES = 3;
const encoder = new TextEncoder();
/** Bytes in UTF-8; TextEncoder, since workflow code has no Buffer. */
const utf8Bytes = (text: string): number => encoder.encode(text).length;

/**
 * Text of somebody else (file names, the API's messages) as one line that Markdown shows as it is: no markup, table cell,
 * list, link or HTML of its own, wherever it stands in a line. Addresses are no links, since a link would swallow the
 * backslashes after it (seen with GitHub's dialect). Characters that turn the reading direction are left out.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replace(/[\\`*_{}[\]()#+!|<>~&@]|:(?=\/\/)|(?<=www)\./gi, '\\$&')
    .replace(/^[-=]/, '\\$&')
    .replace(/^(\d+)\./, '$1\\.');
}

/** Of one line that was escaped: what it says, for a terminal. */
export function unescapeMarkdown(text: string): string {
  return text.replace(/\\([!-/:-@[-`{-~])/g, '$1');
}

/** `2026-11-22 14:03:07 UTC`, from ISO 8601 in UTC. */
export function clockOf(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** `7 s`, `12 min`, `3 h 20 min` */
export function describeSpan(ms: number): string {
  if (ms < 2 * MINUTE_MS) return `${Math.round(ms / 1_000)} s`;
  const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS);
  return ms < HOUR_MS ? `${minutes} min` : `${Math.floor(ms / HOUR_MS)} h ${minutes} min`;
}
