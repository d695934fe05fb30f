/**
 * Pages of docs/ that are printed from code: a test compares the part between two markers with what the code says.
 * `UPDATE_DOCS=1 npm run jest -- <test>` writes it anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const BEGIN = '<!-- printed from the code: do not edit below -->';
const END = '<!-- end of the printed part -->';

export function printedPart(page: string, fresh: string): string {
  const path = join('docs', page);
  const text = readFileSync(path, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const [printed, after] = (rest ?? '').split(END);
  if (before === undefined || printed === undefined || after === undefined)
    throw new Error(`${path} lacks its markers`);
  if (process.env.UPDATE_DOCS === '1') {
    writeFileSync(path, `${before}${BEGIN}\n\n${fresh.trim()}\n\n${END}${after}`);
    return fresh.trim();
  }
  return printed.trim();
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
