/** What the file system refused, as a sentence for a person. Errors it does not know stay as they are. */
import { InputError } from '../contract/input-error.js';

export function errnoOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** For writes below `folder`. */
export function writeFailure(error: unknown, folder: string, param?: string): unknown {
  switch (errnoOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new InputError('disk_full', `No space is left to write in ${folder}; free some and start again.`, param, {
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new InputError(
        'output_unwritable',
        `This process may not write in ${folder}; change the folder's permissions or name another.`,
        param,
        { cause: error },
      );
    case 'ENOTDIR':
    case 'EEXIST':
      return new InputError('output_unwritable', `A file stands where a folder is needed for ${folder}.`, param, {
        cause: error,
      });
    default:
      return error;
  }
}
