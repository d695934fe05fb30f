/** A small table of every kind of column, the same each time: enough rows for the protected statistics to mean something. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const CITIES = ['Ankara', 'Berlin', 'Lisbon', 'Oslo'];

export function smallTable(rows: number, cityOf = (row: number): string => CITIES[row % CITIES.length] ?? ''): string {
  const lines = Array.from({ length: rows }, (_, row) => {
    const joined = new Date(Date.UTC(2024, 0, 1 + ((row * 7) % 600))).toISOString().slice(0, 10);
    const price = ((row * 37) % 1000) / 4;
    return `${cityOf(row)},${20 + (row % 40)},${price.toFixed(2)},${joined},${row % 3 === 0}`;
  });
  return ['city,age,price,joined_date,active', ...lines, ''].join('\n');
}

/** Writes it into the folder and gives its path. */
export function writeSmallTable(folder: string, name = 'customers.csv', rows = 200): string {
  const path = join(folder, name);
  writeFileSync(path, smallTable(rows));
  return path;
}
