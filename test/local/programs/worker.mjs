/** Stands in for the worker: tells what environment it was given, then waits as the real one does. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const given = Object.entries(process.env).filter(([name]) => /^(DATAXID|TEMPORAL|DXO)_/.test(name));
writeFileSync(join(process.env.DATAXID_ARTIFACTS, '..', 'worker-env.json'), JSON.stringify(Object.fromEntries(given)));
console.log(JSON.stringify({ level: 'info', msg: 'worker ready' }));
setInterval(() => undefined, 60_000);
process.on('SIGTERM', () => process.exit(0));
