/** Names and texts inside an SQL statement, quoted; and what a relation's columns are. */
import type { DuckDBConnection } from '@duckdb/node-api';

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** @param relation FROM clause */
export async function sqlColumnsOf(
  connection: DuckDBConnection,
  relation: string,
): Promise<{ sqlNames: string[]; sqlTypes: string[] }> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${relation}`);
  const [sqlNames, sqlTypes] = described.getColumns() as [string[], string[]];
  return { sqlNames, sqlTypes };
}
