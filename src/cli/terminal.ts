/**
 * Where the command's words go: answers to stdout, everything on the way to stderr, so that `dxo … --json | jq` works.
 */
import type { FailureDetails } from '../contract/messages.js';

/** One line for a person, on stderr. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The answer, on stdout. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(answer: unknown): void {
  print(JSON.stringify(answer));
}

/** Columns aligned by their widest cell; the last one is not padded. */
export function alignedTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))))
    .map((row) => row.join('  ').trimEnd())
    .join('\n');
}

export function describeDuration(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function describeBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** What helps to look an error up, in brackets behind its message; empty where there is nothing. */
export function describeSource(error: object): string {
  const { code, param, requestId, docUrl } = error as Record<'code' | 'param' | 'requestId' | 'docUrl', unknown>;
  const details = [
    typeof code === 'string' ? `code ${code}` : undefined,
    typeof param === 'string' ? `param ${param}` : undefined,
    typeof requestId === 'string' ? `request ${requestId}` : undefined,
    typeof docUrl === 'string' ? docUrl : undefined,
  ].filter((part) => part !== undefined);
  return details.length === 0 ? '' : ` (${details.join(', ')})`;
}

/** What a program gets for an error under --json, in the words of the API. */
export function errorAnswer(error: unknown): { error: Partial<FailureDetails> & { message: string } } {
  const { message, code, param, requestId, docUrl, trained } = error as Error & {
    code?: unknown;
    param?: string;
    requestId?: string;
    docUrl?: string;
    trained?: FailureDetails['trained'];
  };
  return {
    error: {
      message,
      ...(typeof code === 'string' ? { code } : {}),
      ...(param === undefined ? {} : { param }),
      ...(requestId === undefined ? {} : { request_id: requestId }),
      ...(docUrl === undefined ? {} : { doc_url: docUrl }),
      ...(trained === undefined ? {} : { trained }),
    },
  };
}
