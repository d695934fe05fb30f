/**
 * The exact bodies of a job's requests as files, so that whoever answers for the data can read what would be sent:
 * create.json, init-training.json, generate-000.json …, and codes.json with the codes of every row, in the table's order
 * (the upload has the same codes shuffled into batches).
 */
import { createWriteStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { InputError } from '../contract/input-error.js';
import type { Codes } from '../table/index.js';

export interface Bodies {
  create: () => Iterable<Uint8Array>;
  initTraining: () => Iterable<Uint8Array>;
  generate: (() => Iterable<Uint8Array>)[];
}

/** Makes the folder, which must be new or empty: old bodies among new ones would be read as sent. @throws InputError */
export async function openPayloadFolder(path: string): Promise<string> {
  const folder = resolve(path);
  const names = await mkdir(folder, { recursive: true, mode: 0o700 })
    .then(() => readdir(folder))
    .catch((cause: NodeJS.ErrnoException) => {
      throw new InputError('output_unwritable', `--payload: ${folder} cannot be used (${cause.code}).`, '--payload', {
        cause,
      });
    });
  if (names.length > 0) {
    throw new InputError(
      'output_exists',
      `--payload: ${folder} is not empty; name a new folder, or empty it.`,
      '--payload',
    );
  }
  return folder;
}

/** Counts the bytes of the bodies, and writes them where a folder is given. */
export async function writePayload(
  folder: string | undefined,
  bodies: Bodies,
  codes: Codes,
): Promise<{ create: number; initTraining: number; generate: number }> {
  const write = (name: string, chunks: Iterable<Uint8Array>): Promise<number> =>
    writeBody(folder === undefined ? undefined : join(folder, name), chunks);
  const create = await write('create.json', bodies.create());
  const initTraining = await write('init-training.json', bodies.initTraining());
  let generate = 0;
  for (const [index, body] of bodies.generate.entries()) {
    generate += await write(`generate-${String(index).padStart(3, '0')}.json`, body());
  }
  if (folder !== undefined) await write('codes.json', codesText(codes));
  return { create, initTraining, generate };
}

async function writeBody(path: string | undefined, chunks: Iterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  function* counted(): Generator<Uint8Array> {
    for (const chunk of chunks) {
      bytes += chunk.length;
      yield chunk;
    }
  }
  if (path === undefined) for (const _ of counted());
  else await pipeline(counted(), createWriteStream(path, { mode: 0o600 }));
  return bytes;
}

/** `{wire key: [codes in row order]}`, a key at a time. */
function* codesText(codes: Codes): Generator<Uint8Array> {
  let isFirst = true;
  for (const [key, values] of codes) {
    yield Buffer.from(`${isFirst ? '{' : ','}${JSON.stringify(key)}:[${values.join(',')}]`);
    isFirst = false;
  }
  yield Buffer.from('}');
}
