/** A report as a file: measured, drawn, and put in place whole. */
import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { InputError } from '../contract/input-error.js';
import type { TablePath } from '../table/read.js';
import { type MeasureOptions, measureTables } from './measure-tables.js';
import { renderPage } from './render-page.js';

export interface ReportRequest extends Omit<MeasureOptions, 'seed'> {
  /** Of the split of the real table, where no holdout is given, and of the samples. An integer in [0, 2^31). */
  seed?: number;
  /** Path of the page; what is there is replaced. */
  output: string;
}

/** Scores are 0..1, null where there was nothing to score. */
export interface ReportSummary {
  overall: number | null;
  columns: number | null;
  pairs: number | null;
  /** Share of the synthetic rows that equal a real row in every column. */
  copiesShare: number;
}

/** The same seed, the same page. */
const DEFAULT_SEED = 1;

/**
 * @throws InputError as measureTables does; output_unwritable
 */
export async function writeReport({ seed = DEFAULT_SEED, output, ...paths }: ReportRequest): Promise<ReportSummary> {
  const measurements = await measureTables({ seed, ...paths });
  const { overall, columns, pairs, copies } = measurements;
  const page = renderPage(measurements, {
    real: nameOf(paths.real),
    synthetic: nameOf(paths.synthetic),
    ...(paths.holdout === undefined ? {} : { holdout: nameOf(paths.holdout) }),
    seed,
  });
  await replaceFile(output, page);
  return { overall, columns, pairs, copiesShare: copies.syntheticShare };
}

/** `part-1.csv and 2 more` */
function nameOf(path: TablePath): string {
  const [first, ...others] = typeof path === 'string' ? [path] : path;
  return basename(first ?? '') + (others.length === 0 ? '' : ` and ${others.length} more`);
}

async function replaceFile(path: string, text: string): Promise<void> {
  const partial = `${path}.${randomUUID().slice(0, 8)}.partial`;
  try {
    await writeFile(partial, text);
    await rename(partial, path);
  } catch (cause) {
    await rm(partial, { force: true });
    throw new InputError(
      'output_unwritable',
      `${path} could not be written. Check that its folder exists, that it is no folder itself, and that this user may write there.`,
      'output',
      { cause },
    );
  }
}
