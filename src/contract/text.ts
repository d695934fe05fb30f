/** Texts that must stay short: Temporal cuts failures off by bytes, and drops their details when it does. */
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
