/**
 * What can be found wrong with the files of a request on this machine, before anything is started: the table and its
 * columns, the output and its place. The command may touch what it was told to, so these paths are its roots.
 * Not here: a fleet's files, which its workers check, and what only a full analysis finds.
 */
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { checkDistinct, type FileOfRequest } from '../artifacts/distinct-files.js';
import { type FileAccess, resolveWritable } from '../artifacts/file-access.js';
import { checkNotMatched, resolveTableFiles } from '../artifacts/table-files.js';
import { givenTableOf } from '../contract/given-table.js';
import type {
  ColumnsRequest,
  GenerationSettings,
  OutputRequest,
  ReportRequest,
  TableSource,
} from '../contract/requests.js';

/** A table without rows is small, so a small one is read to see whether it has any. */
const READ_WHOLE_BYTES_MAX = 1024 * 1024;

export interface FilesOfRequest {
  table?: TableSource;
  columns?: ColumnsRequest | undefined;
  generation?: GenerationSettings;
  output?: OutputRequest;
  report?: ReportRequest | undefined;
}

/** @throws InputError, one sentence for the first fault */
export async function checkInput({ table, columns, generation, output, report }: FilesOfRequest): Promise<void> {
  const access = accessOf({ table, generation, output, report });
  const tablePaths = table === undefined ? [] : await resolveTableFiles(table.uri, access, 'table.uri');
  const files: FileOfRequest[] = tablePaths.map((path) => ({ path, param: 'table.uri' }));
  const { fileKindOf, inspectTable, readTable } = await import('../table/index.js');
  if (table !== undefined) {
    const { uri: _, ...how } = table;
    const options = { ...how, ...(columns === undefined ? {} : { columns }) };
    const sizes = await Promise.all(tablePaths.map(async (path) => (await stat(path)).size));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    await (bytes <= READ_WHOLE_BYTES_MAX ? readTable(tablePaths, options) : inspectTable(tablePaths, options));
  }
  const given = generation === undefined ? undefined : givenTableOf(generation);
  if (given !== undefined) {
    const param = `${given.param}.uri`;
    const paths = await resolveTableFiles(given.source.uri, access, param);
    // To impute the table itself is what many want.
    files.push(...paths.filter((path) => !tablePaths.includes(path)).map((path) => ({ path, param })));
  }
  if (output !== undefined) {
    const { overwrite } = output;
    const path = await resolveWritable(output.uri, access, { overwrite: true }, 'output.uri');
    files.push({ path, param: 'output.uri' });
    checkDistinct(files);
    fileKindOf(path, output.format, 'output.uri');
    await resolveWritable(output.uri, access, { overwrite }, 'output.uri');
  }
  if (report !== undefined) {
    const { overwrite } = report;
    files.push({ path: await resolveWritable(report.uri, access, { overwrite }, 'report.uri'), param: 'report.uri' });
    checkDistinct(files);
  }
  if (table !== undefined) await checkNotMatched(table.uri, files.slice(tablePaths.length));
}

/** Exactly what the request names. */
export function accessOf({ table, generation, output, report }: Omit<FilesOfRequest, 'columns'>): FileAccess {
  const given = generation === undefined ? undefined : givenTableOf(generation)?.source;
  return {
    readRoots: [table, given].flatMap((file) => (file === undefined ? [] : pathOf(file.uri))),
    writeRoots: [output, report].flatMap((file) => (file === undefined ? [] : pathOf(file.uri))),
  };
}

/** A URI that is no path stays as it is: whoever resolves it says what is wrong with it. */
export function pathOf(uri: string): string {
  try {
    return uri.startsWith('file://') ? fileURLToPath(uri) : uri;
  } catch {
    return uri;
  }
}
