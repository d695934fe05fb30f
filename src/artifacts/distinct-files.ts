/**
 * The files of one request are different files. A page written over the rows that it is about, or rows over the table that
 * they were made from, would be found out when what was there is gone, and paid for.
 */
import { InputError } from '../contract/input-error.js';

export interface FileOfRequest {
  /** Links resolved, as file-access.ts gives it. */
  path: string;
  /** `output.uri` */
  param: string;
}

/** @throws InputError output_exists, for the later of the first two that are one file, whatever may be overwritten */
export function checkDistinct(files: readonly FileOfRequest[]): void {
  for (const [index, { path, param }] of files.entries()) {
    const same = files.slice(0, index).find((earlier) => earlier.path === path);
    if (same === undefined) continue;
    throw new InputError('output_exists', `${param} and ${same.param} are one file, ${path}: name another.`, param);
  }
}
