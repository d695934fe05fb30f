/**
 * The claim check: bytes go in, a small reference comes out, and a reference gives back exactly those bytes or an
 * error. The interface is all that others know, so an object store can be a second implementation.
 * Here it is a local folder: `<root>/<24 hex of the job's digest>/<name>-<12 hex of the content's digest>.<ending>`.
 * Names are made of digests and safe characters, so no job, name or reference leads out of the root. A file gets its
 * name when it is whole and on disk; before that it is `.writing-…`, which a crash may leave and removeJob takes away.
 * What is stored comes from private rows: only the owner may read it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ArtifactRef } from '../contract/artifact.js';
import { InputError } from '../contract/input-error.js';
import { errnoOf, writeFailure } from './storage-failure.js';
import { syncFolder } from './sync-folder.js';

export interface ArtifactStore {
  /** Groups artifacts by `job`; `name` is for people. A failure of `chunks` is thrown as it is.
   * @throws InputError disk_full, output_unwritable */
  write(job: string, name: string, chunks: Chunks): Promise<ArtifactRef>;
  /** The size is checked before the first chunk, the digest after the last: a reader acts on the end, not before.
   * @throws InputError artifact_missing, artifact_corrupt */
  read(ref: ArtifactRef): AsyncIterable<Uint8Array>;
  /** @throws InputError as `read`, and artifact_corrupt over `bytesMax` */
  readAll(ref: ArtifactRef, bytesMax: number): Promise<Uint8Array>;
  /** The verified file, for readers that need a path. */
  localPath(ref: ArtifactRef): Promise<string>;
  /** When this was first called with this name of this job, and whether that is now; milliseconds since 1970, by the clock of the store.
   * @throws InputError disk_full, output_unwritable */
  firstTime(job: string, name: string): Promise<{ atMs: number; isNow: boolean }>;
  removeJob(job: string): Promise<void>;
  /** Whether the artifact was written under this name. */
  isOfJob(job: string, ref: ArtifactRef): boolean;
  /** Removes what was written together with the artifact, for whoever does not know by which name. */
  removeGroupOf(ref: ArtifactRef): Promise<void>;
  /** Writes, reads and removes a probe. @throws InputError that says what is wrong with the store */
  check(): Promise<void>;
}

export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

const READ_CHUNK_BYTES = 256 * 1024;
const NAME_CHARS_MAX = 100;
const REF_URI = /^artifact:([0-9a-f]{24})\/([A-Za-z0-9][A-Za-z0-9._-]*)$/;
const TEMPORARY_PREFIX = '.writing-';

export function openLocalStore(root: string): ArtifactStore {
  return new LocalStore(resolve(root));
}

class LocalStore implements ArtifactStore {
  constructor(private readonly root: string) {}

  async write(job: string, name: string, chunks: Chunks): Promise<ArtifactRef> {
    const group = groupOf(job);
    const folder = await this.#makeFolder(group);
    const temporary = join(folder, `${TEMPORARY_PREFIX}${randomBytes(8).toString('hex')}`);
    try {
      const { bytes, sha256 } = await this.#fill(temporary, chunks);
      const file = fileNameOf(name, sha256);
      await this.#explained(async () => {
        await rename(temporary, join(folder, file));
        await syncFolder(folder);
      });
      return { uri: `artifact:${group}/${file}`, bytes, sha256 };
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async *read(ref: ArtifactRef): AsyncGenerator<Uint8Array> {
    const handle = await this.#open(ref);
    try {
      const { size } = await handle.stat();
      if (size !== ref.bytes) throw corrupt(ref, `it has ${size} bytes instead of ${ref.bytes}`);
      const digest = createHash('sha256');
      const stream = handle.createReadStream({ highWaterMark: READ_CHUNK_BYTES, autoClose: false });
      for await (const chunk of stream as AsyncIterable<Uint8Array>) {
        digest.update(chunk);
        yield chunk;
      }
      if (digest.digest('hex') !== ref.sha256) throw corrupt(ref, 'its bytes are not those that were written');
    } finally {
      await handle.close();
    }
  }

  async readAll(ref: ArtifactRef, bytesMax: number): Promise<Uint8Array> {
    if (ref.bytes > bytesMax) throw corrupt(ref, `it has ${ref.bytes} bytes and at most ${bytesMax} are read here`);
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.read(ref)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async localPath(ref: ArtifactRef): Promise<string> {
    for await (const _ of this.read(ref));
    const { folder, file } = await this.#locate(ref);
    return join(folder, file);
  }

  async firstTime(job: string, name: string): Promise<{ atMs: number; isNow: boolean }> {
    const folder = await this.#makeFolder(groupOf(job));
    const path = join(folder, `first-${createHash('sha256').update(name).digest('hex').slice(0, 32)}`);
    return this.#explained(async () => {
      let isNow = true;
      try {
        const handle = await open(path, 'wx', 0o600);
        await handle.close();
        await syncFolder(folder);
      } catch (error) {
        if (errnoOf(error) !== 'EEXIST') throw error;
        isNow = false;
      }
      return { atMs: (await stat(path)).mtimeMs, isNow };
    });
  }

  async removeJob(job: string): Promise<void> {
    await this.#explained(() => rm(join(this.root, groupOf(job)), { recursive: true, force: true }));
  }

  isOfJob(job: string, { uri }: ArtifactRef): boolean {
    return uri.startsWith(`artifact:${groupOf(job)}/`);
  }

  async removeGroupOf({ uri }: ArtifactRef): Promise<void> {
    const [, group] = REF_URI.exec(uri) ?? [];
    if (group !== undefined) await this.#explained(() => rm(join(this.root, group), { recursive: true, force: true }));
  }

  async check(): Promise<void> {
    const job = `check ${randomBytes(8).toString('hex')}`;
    try {
      const ref = await this.write(job, 'probe', [randomBytes(1024)]);
      await this.localPath(ref);
    } finally {
      await this.removeJob(job);
    }
  }

  async #makeFolder(group: string): Promise<string> {
    await this.#explained(() => mkdir(join(this.root, group), { recursive: true, mode: 0o700 }));
    return this.#realFolder(group);
  }

  /** The group's real folder; a link in its place is not followed. */
  async #realFolder(group: string): Promise<string> {
    const folder = join(await realpath(this.root), group);
    if ((await realpath(folder)) !== folder) {
      throw new InputError('path_not_allowed', `${folder} is a link; the artifact store follows none. Remove it.`);
    }
    return folder;
  }

  async #fill(path: string, chunks: Chunks): Promise<{ bytes: number; sha256: string }> {
    const handle = await this.#explained(() => open(path, 'wx', 0o600));
    const digest = createHash('sha256');
    let bytes = 0;
    try {
      for await (const chunk of chunks) {
        digest.update(chunk);
        bytes += chunk.length;
        await this.#explained(() => handle.writeFile(chunk));
      }
      await this.#explained(() => handle.sync());
    } finally {
      await handle.close();
    }
    return { bytes, sha256: digest.digest('hex') };
  }

  async #open(ref: ArtifactRef): Promise<FileHandle> {
    const { folder, file } = await this.#locate(ref);
    try {
      return await open(join(folder, file), constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch (error) {
      if (errnoOf(error) === 'ELOOP') throw corrupt(ref, 'a link stands in its place');
      throw this.#unreadable(error, ref);
    }
  }

  async #locate(ref: ArtifactRef): Promise<{ folder: string; file: string }> {
    const [, group, file] = REF_URI.exec(ref.uri) ?? [];
    if (group === undefined || file === undefined) {
      throw new InputError('artifact_missing', 'The reference is not one that this artifact store gave out.');
    }
    try {
      return { folder: await this.#realFolder(group), file };
    } catch (error) {
      throw this.#unreadable(error, ref);
    }
  }

  #unreadable(error: unknown, ref: ArtifactRef): unknown {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') {
      return new InputError(
        'artifact_missing',
        `${ref.uri} is not in ${this.root}; do all workers share one DATAXID_ARTIFACTS, or was it removed?`,
      );
    }
    if (errno === 'EACCES') return new InputError('file_unreadable', `This process may not read ${ref.uri}.`);
    return error;
  }

  async #explained<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw writeFailure(error, this.root);
    }
  }
}

const groupOf = (job: string): string => createHash('sha256').update(job).digest('hex').slice(0, 24);

/** `create.json` becomes `create-<12 hex>.json`. Whatever is not a plain character becomes a hyphen. */
function fileNameOf(name: string, sha256: string): string {
  const plain = name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  const [, stem, ending] = /^(.*?)(\.[A-Za-z0-9]{1,10})?$/.exec(plain.slice(-NAME_CHARS_MAX)) ?? [];
  const readable = (stem ?? '').replace(/^[^A-Za-z0-9]+/, '') || 'artifact';
  return `${readable}-${sha256.slice(0, 12)}${ending ?? ''}`;
}

function corrupt(ref: ArtifactRef, why: string): InputError {
  return new InputError('artifact_corrupt', `${ref.uri} cannot be used: ${why}. Start the job again.`);
}
