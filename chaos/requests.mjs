/**
 * What jobs ask for: a few tables and a few shapes of output, so that every output has an undisturbed twin to be compared with.
 * All of them have a seed: two jobs of one shape must write the same bytes.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const CITIES = ['Ankara', 'Berlin', 'Lisbon', 'Oslo', 'Porto', 'Riga'];
const TABLES = {
  customers: (row) =>
    `${CITIES[row % CITIES.length]},${20 + ((row * 7) % 40)},${(((row * 37) % 1000) / 4).toFixed(2)},${row % 3 === 0}`,
  orders: (row) => `${row % 5},${row % 11 === 0 ? '' : dayOf((row * 7) % 300)},${['new', 'paid', 'sent'][row % 3]}`,
};
const HEADERS = { customers: 'city,age,price,active', orders: 'items,ordered,state' };
const TABLE_ROWS = 150;
const dayOf = (days) => new Date(Date.UTC(2024, 0, 1 + days)).toISOString().slice(0, 10);

/** Rows and chunks are small: what is tried here is how often something is asked for, not how much of it. */
export const SHAPES = {
  'one-chunk': { table: 'customers', seed: 11, rows: 40, rowsPerChunk: 40, format: 'csv' },
  'two-chunks': { table: 'orders', seed: 12, rows: 50, rowsPerChunk: 25, format: 'jsonl' },
  'uneven-chunks': { table: 'customers', seed: 13, rows: 70, rowsPerChunk: 30, format: 'parquet' },
  'many-chunks': { table: 'orders', seed: 14, rows: 90, rowsPerChunk: 15, format: 'csv' },
  'rows-of-one': { table: 'customers', seed: 15, rows: 3, rowsPerChunk: 1, format: 'csv' },
};

/** Writes the tables that the requests of this folder name. */
export function writeTables(folder) {
  for (const [name, lineOf] of Object.entries(TABLES)) {
    const lines = Array.from({ length: TABLE_ROWS }, (_, row) => lineOf(row));
    writeFileSync(tablePathOf(folder, name), [HEADERS[name], ...lines, ''].join('\n'));
  }
}

export const tablePathOf = (folder, name) => join(folder, `${name}.csv`);

/** Where the output of a job comes to be. */
export const outputPathOf = (outputs, id, shape) => join(outputs, `${id}.${SHAPES[shape].format}`);

/** @param policy of the request, beside the size of its chunks */
export function synthesizeRequestOf({ folder, outputs }, id, shape, policy = {}) {
  const { table, seed, rows, rowsPerChunk } = SHAPES[shape];
  return {
    table: { uri: tablePathOf(folder, table) },
    output: { uri: outputPathOf(outputs, id, shape) },
    seed,
    generation: { n_samples: rows },
    policy: { rowsPerChunk, ...policy },
  };
}

export function trainRequestOf({ folder }, shape, policy = {}) {
  const { table, seed } = SHAPES[shape];
  return { table: { uri: tablePathOf(folder, table) }, seed, policy };
}

/** @param trained what the training answered */
export function generateRequestOf({ outputs }, id, shape, trained, policy = {}) {
  const { seed, rows, rowsPerChunk } = SHAPES[shape];
  return {
    output: { uri: outputPathOf(outputs, id, shape) },
    seed,
    trained,
    generation: { n_samples: rows },
    policy: { rowsPerChunk, ...policy },
  };
}
