/** What a POST sends: a known number of bytes, in chunks, so that an upload never stands whole in memory. */
import { Readable } from 'node:stream';

export interface RequestBody {
  /** Exactly what `chunks` yields in all: it becomes Content-Length. */
  readonly bytes: number;
  chunks(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** `{}`, which `train` takes [sdk]. */
export const EMPTY_OBJECT_BODY: RequestBody = { bytes: 2, chunks: () => [Buffer.from('{}')] };

/**
 * The body as a stream, and what went wrong in its source, if anything did. The last chunk is held back until the
 * source has ended well: an artifact that turns out corrupt at its end never makes a whole request.
 */
export function streamOf(body: RequestBody): { stream: Readable; sourceFailure: () => { error: unknown } | undefined } {
  let failure: { error: unknown } | undefined;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      yield* withLastHeldBack(body);
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  return { stream: Readable.from(chunks(), { objectMode: false }), sourceFailure: () => failure };
}

async function* withLastHeldBack(body: RequestBody): AsyncGenerator<Uint8Array> {
  let held: Uint8Array | undefined;
  let bytes = 0;
  for await (const chunk of body.chunks()) {
    if (chunk.length === 0) continue;
    bytes += chunk.length;
    if (bytes > body.bytes) break;
    if (held !== undefined) yield held;
    held = chunk;
  }
  if (bytes !== body.bytes) throw new Error(`a request body announced ${body.bytes} bytes and has another length`);
  if (held !== undefined) yield held;
}
