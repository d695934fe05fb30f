/**
 * Files of JSON lines: an object a line; a column is a key that any line has, and null where a line lacks it. DuckDB does not
 * tell keys apart by case and gives an empty one a name of its own: then the keys are asked for as they are.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { type Description, fileList } from './open-file.js';
import type { ReadableFile } from './readable-file.js';
import { literal, sqlColumnsOf } from './sql.js';

export async function describeJsonl(
  connection: DuckDBConnection,
  files: readonly ReadableFile[],
): Promise<Description> {
  const how = `${fileList(files)}, format = 'newline_delimited', records = true`;
  const looking = `read_json(${how}, sample_size = -1, maximum_sample_files = ${files.length}, union_by_name = true, map_inference_threshold = -1)`;
  const { sqlNames, sqlTypes } = await sqlColumnsOf(connection, looking);
  const names = await keysOf(connection, fileList(files), sqlNames);
  // Named columns are found by their keys, so that a renamed one cannot be named.
  const isRenamed = names.some((name, i) => name !== sqlNames[i]);
  const relation = (asText: readonly number[] = []) => {
    const isText = new Set(asText);
    const columns = sqlNames.map((name, i) => `${literal(name)}: ${literal(isText.has(i) ? 'VARCHAR' : sqlTypes[i]!)}`);
    return isRenamed ? looking : `read_json(${how}, columns = {${columns.join(', ')}})`;
  };
  return { relation, names, sqlNames, sqlTypes, hasText: !isRenamed };
}

/** DuckDB's own names for what it renames: `A_1` beside `a`, `C2` for the third key where it is empty. */
const MAY_BE_RENAMED = /_\d+$|^C\d+$/;

async function keysOf(
  connection: DuckDBConnection,
  list: string,
  sqlNames: readonly string[],
): Promise<readonly string[]> {
  if (!sqlNames.some((name) => MAY_BE_RENAMED.test(name))) return sqlNames;
  const found = await connection.runAndReadAll(
    `SELECT DISTINCT unnest(json_keys(json)) FROM read_ndjson_objects(${list})`,
  );
  const keys = new Set(found.getRows().map(([key]) => key as string));
  return sqlNames.map((name) => {
    if (keys.has(name)) return name;
    const base = name.replace(/_\d+$/, '');
    return keys.has(base) ? base : '';
  });
}
