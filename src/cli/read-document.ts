/** Reads a small JSON or YAML file that the user wrote: a request, a trained model. */
import { readFile, stat } from 'node:fs/promises';
import { parse as parseYaml } from 'yaml';
import { InputError } from '../contract/input-error.js';
import { REQUEST_BYTES_MAX } from '../contract/limits.js';

/** @param option the option that named the file, for the error. @throws InputError file_not_found, file_unreadable, request_invalid */
export async function readDocument(path: string, option: string): Promise<Record<string, unknown>> {
  const text = await readSmallText(path, option);
  let document: unknown;
  try {
    // JSON is read as JSON, since its errors are clearer; YAML by its ending.
    document = /\.ya?ml$/i.test(path) ? parseYaml(text) : JSON.parse(text);
  } catch (cause) {
    const kind = /\.ya?ml$/i.test(path) ? 'YAML' : 'JSON';
    throw new InputError('request_invalid', `${option}: ${path} is not ${kind}${placeOf(cause)}.`, option, { cause });
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new InputError('request_invalid', `${option}: ${path} must hold one object.`, option);
  }
  return document as Record<string, unknown>;
}

/** @throws InputError as `readDocument` */
export async function readSmallText(path: string, option: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > REQUEST_BYTES_MAX) {
      throw new InputError(
        'request_invalid',
        `${option}: ${path} has ${size} bytes; at most ${REQUEST_BYTES_MAX} are read.`,
        option,
      );
    }
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new InputError('file_not_found', `${option}: there is no file ${path}.`, option, { cause });
    throw new InputError('file_unreadable', `${option}: ${path} cannot be read (${code}).`, option, { cause });
  }
}

/** Where the parser stopped, without quoting what it found. */
function placeOf(error: unknown): string {
  const { linePos } = error as { linePos?: [{ line: number; col: number }] };
  if (linePos !== undefined) return `: line ${linePos[0].line}, column ${linePos[0].col}`;
  const position = /position (\d+)/.exec((error as Error).message)?.[1];
  return position === undefined ? '' : `: character ${position}`;
}
