/** Texts from outside, made fit for an error: one line, short, and without the key, should a server echo it. */
import { FOREIGN_BODY_BYTES_MAX } from '../contract/limits.js';
import { cutToBytes } from '../contract/text.js';

export type SafeText = (text: string, bytesMax: number) => string;

/** A function that makes texts safe while the key itself stays in its closure. */
export const safeTextWithout =
  (apiKey: string): SafeText =>
  (text, bytesMax) =>
    cutToBytes(oneLine(text.replaceAll(apiKey, '[redacted]')), bytesMax);

/** Control and format characters (which reorder or hide text in a terminal) become spaces. */
const oneLine = (text: string): string => text.replace(/[\p{C}\s]+/gu, ' ').trim();

/** What a page that is not the API's says, without its markup. */
export function textOfPage(body: Uint8Array): string {
  const start = Buffer.from(body.subarray(0, FOREIGN_BODY_BYTES_MAX)).toString('utf8');
  return start.replace(/<(style|script)\b[\s\S]*?(<\/\1>|$)/gi, ' ').replace(/<[^>]*(>|$)/g, ' ');
}
