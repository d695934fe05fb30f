/** Bytes too large for the journal (training data, long answers), by name: in memory, or files in a folder beside it. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface Blobs {
  write(name: string, bytes: Buffer): void;
  read(name: string): Buffer;
  remove(name: string): void;
  clear(): void;
}

export function blobsInMemory(): Blobs {
  const byName = new Map<string, Buffer>();
  return {
    write: (name, bytes) => void byName.set(name, bytes),
    read: (name) => byName.get(name)!,
    remove: (name) => void byName.delete(name),
    clear: () => byName.clear(),
  };
}

/** A file appears whole or not at all, and is in the kernel's hands before `write` returns. */
export function blobsInFolder(folder: string): Blobs {
  mkdirSync(folder, { recursive: true });
  const fileOf = (name: string) => path.join(folder, name);
  return {
    write(name, bytes) {
      writeFileSync(`${fileOf(name)}.part`, bytes);
      renameSync(`${fileOf(name)}.part`, fileOf(name));
    },
    read: (name) => readFileSync(fileOf(name)),
    remove: (name) => rmSync(fileOf(name), { force: true }),
    clear() {
      if (existsSync(folder)) rmSync(folder, { recursive: true });
      mkdirSync(folder, { recursive: true });
    },
  };
}
