/**
 * What cron starts every night: one synthetic table of the day. Its id comes from the date, so cron may start it twice, on
 * two machines, or again after a crash, and there is one job a night. A night that failed is tried anew by the next start.
 * The seed comes from the date too: the same night gives the same rows.
 *
 *     node nightly.mjs <table> <folder for outputs> [date, default today in UTC]
 */
import { basename, extname, join, resolve } from 'node:path';
import { JobFailedError, SynthesisClient } from 'dataxid-orchestrator';

/** Done before the next night begins, or not at all. */
const DEADLINE_MS = 20 * 3_600_000;

const [table = '', folder = '', date = new Date().toISOString().slice(0, 10)] = process.argv.slice(2);
const name = basename(table, extname(table));
const deadline = new Date(Date.now() + DEADLINE_MS);

const client = await SynthesisClient.connect();
try {
  const job = await client.synthesize(
    {
      table: { uri: resolve(table) },
      // A night that is tried anew replaces what it left.
      output: { uri: join(resolve(folder), `${name}-${date}.parquet`), overwrite: true },
      seed: Number(date.replaceAll('-', '')),
      policy: { onQuota: 'hold' },
    },
    { id: `nightly-${name}-${date}`, onConflict: 'retry', priority: 4, deadline },
  );
  const { output } = await job.result();
  console.log(`${job.id}: ${output.rows} rows in ${output.uri}, sha256 ${output.sha256}`);
} catch (error) {
  // One line for the log that cron mails.
  console.error(error instanceof JobFailedError ? `${error.jobId}: ${error.message} (${error.code})` : `${error}`);
  process.exitCode = 1;
} finally {
  await client.close();
}
