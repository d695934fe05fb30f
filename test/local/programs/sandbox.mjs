/** Stands in for the sandbox: listens where it is told, and says so as the real one does. */
import { createServer } from 'node:http';

const port = Number(process.argv[process.argv.indexOf('--port') + 1]);
const server = createServer((_, response) =>
  response.end(JSON.stringify({ pid: process.pid, argv: process.argv.slice(2) })),
);
server.listen(port, '127.0.0.1', () => console.log(JSON.stringify({ url: `http://127.0.0.1:${port}` })));
process.on('SIGTERM', () => process.exit(0));
