/**
 * A service as it is killed: it starts a job, then stores that it has. Run again with the same arguments after a kill,
 * until it has said "stored". Arguments: the build, the job's id, the request as JSON.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

/** What a database takes to commit the id. */
const STORE_MS = 20;

const [dist, id, request] = process.argv.slice(2);
const { SynthesisClient } = await import(pathToFileURL(`${dist}/index.js`).href);
const client = await SynthesisClient.connect();
process.stdout.write('connected\n');
await client.generate(JSON.parse(request), { id });
await delay(STORE_MS);
process.stdout.write('stored\n');
await client.close();
