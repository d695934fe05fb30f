/** One HTTP answer with its body in memory, and how that body is read under a limit. */

/** Header names are lower-case; of a repeated header the first counts. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

export function firstHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): HttpAnswer['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
}

/** The body is larger than the caller takes. Nothing more of it was read. */
export class AnswerTooLargeError extends Error {
  override readonly name = 'AnswerTooLargeError';
}

/** @throws AnswerTooLargeError, from the announced length where there is one, before a byte is read. */
export async function readWhole(
  body: AsyncIterable<Uint8Array>,
  announcedBytes: number | undefined,
  bytesMax: number,
): Promise<Uint8Array> {
  if (announcedBytes !== undefined && announcedBytes > bytesMax) throw new AnswerTooLargeError();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new AnswerTooLargeError();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

/** The start of an error's body. `isCut`: it broke off before its end, and before `bytesMax`. */
export async function readStart(
  body: AsyncIterable<Uint8Array>,
  bytesMax: number,
): Promise<{ bytes: Uint8Array; isCut: boolean }> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let isCut = false;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= bytesMax) break;
    }
  } catch {
    isCut = true;
  }
  return { bytes: Buffer.concat(chunks).subarray(0, bytesMax), isCut };
}
