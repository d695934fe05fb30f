/**
 * Joins the parts into the output file: every chunk once, in order, the row count exact. The file appears whole or not
 * at all; a retry whose first answer was lost finds its own bytes there and is content.
 */

import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { activityInfo } from '@temporalio/activity';
import { resolveWritable } from '../artifacts/file-access.js';
import { publishFile } from '../artifacts/publish.js';
import type { ArtifactRef } from '../contract/artifact.js';
import { InputError } from '../contract/input-error.js';
import type { OutputRequest } from '../contract/requests.js';
import type { OutputResult } from '../contract/results.js';
import { concatenateTables, fileKindOf } from '../table/index.js';
import { attempt } from './attempt.js';
import type { DataDeps } from './deps.js';

export interface AssembleOutputInput {
  job: string;
  parts: ArtifactRef[];
  rows: number;
  output: OutputRequest;
}

export const assembleOutput =
  ({ artifacts, access }: DataDeps) =>
  ({ job, parts, rows, output }: AssembleOutputInput): Promise<OutputResult> =>
    attempt(async () => {
      // An output that is there is judged by publishFile, which knows whether it is this job's own.
      const path = await resolveWritable(output.uri, await access(), { overwrite: true }, 'output.uri');
      const { format, compression } = fileKindOf(path, output.format, 'output.uri');
      const temporaryPrefix = `.${basename(path)}.${createHash('sha256').update(job).digest('hex').slice(0, 12)}.`;
      await removeEarlierAttempts(dirname(path), temporaryPrefix);
      const temporaryPath = join(dirname(path), `${temporaryPrefix}${activityInfo().attempt}`);
      try {
        const written = await concatenateTables(
          await Promise.all(parts.map((part) => artifacts.localPath(part))),
          temporaryPath,
          format,
          compression,
        );
        if (written.rows !== rows) {
          throw new InputError(
            'answer_invalid',
            `${rows} rows were asked for and ${written.rows} came; nothing was written.`,
          );
        }
        const published = await publishFile(temporaryPath, path, { overwrite: output.overwrite });
        return { uri: output.uri, format, rows, ...published };
      } finally {
        await rm(temporaryPath, { force: true });
      }
    });

/** What a killed worker left beside the output. */
async function removeEarlierAttempts(folder: string, prefix: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  await Promise.all(
    names.filter((name) => name.startsWith(prefix)).map((name) => rm(join(folder, name), { force: true })),
  );
}
