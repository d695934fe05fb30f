/**
 * `npm run bench -- <name>`: measurements, side by side in one run, as ratios. Machines differ and are noisy; nothing here is asserted.
 *   overhead   a synthesize job against a bare workflow of as many empty activities, and the time a killed worker costs
 */
const BENCHES = { overhead: './overhead.mjs' };

const [name = ''] = process.argv.slice(2);
if (!Object.hasOwn(BENCHES, name)) {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(BENCHES).join('|')}\n`);
  process.exit(2);
}
const { run } = await import(BENCHES[name]);
await run();
