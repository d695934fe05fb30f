/**
 * `npm run bench -- <name>`: measurements, side by side in one run, as ratios. Machines differ and are noisy; nothing here is asserted.
 *   overhead   a synthesize job against a bare workflow of as many empty activities, and the time a killed worker costs
 *   table      read, analyze, encode and serialize tables, decode generated rows; beside the official SDK with --sdk
 *   budget     how much of the request window is used under a backlog, and what is refused
 *   fleet      20 and 200 jobs under one key, calm and with one request in five disturbed
 *   watch      what 50 and 1 000 waiting jobs cost in looks
 *   job        one job of 1 000 000 rows end to end, undisturbed and with its worker killed during the upload
 *   batch      10 000 items with workers killed every few seconds, then everything counted (batch.mjs has the arguments)
 */
const BENCHES = {
  batch: './batch.mjs',
  budget: './budget.mjs',
  fleet: './fleet.mjs',
  job: './job.mjs',
  overhead: './overhead.mjs',
  table: './table.mjs',
  watch: './watch.mjs',
};

const [name = '', ...options] = process.argv.slice(2);
if (!Object.hasOwn(BENCHES, name)) {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(BENCHES).join('|')}\n`);
  process.exit(2);
}
const { run } = await import(BENCHES[name]);
await run(options);
