/**
 * What stands between a worker and its sandbox, so that a request can be one that was never sent: bytes go through, until the door is shut
 * and refuses connections. It can be told to shut behind the answer to a call: what comes next finds it shut.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { routeOf } from '../dist/sandbox/routes.js';

/** An answer that has paused for so long has passed. */
const PASSED_MS = 40;

/** @param port of the sandbox. @returns {Promise<{url: string, shut(): void, shutAfter(call?: string): void, open(): Promise<void>, close(): Promise<void>}>} */
export async function openDoor(port) {
  const connections = new Set();
  let shutsAfter;
  let isShut = false;
  let passing;
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    const connection = { call: '', client, upstream };
    connections.add(connection);
    client.on('data', (bytes) => {
      const [, method, path] = /^([A-Z]+) (\S+) HTTP\/1\.1\r\n/.exec(bytes.toString('latin1')) ?? [];
      if (method !== undefined) connection.call = routeOf(method, path.split('?')[0]).call;
    });
    client.pipe(upstream).pipe(client);
    upstream.on('data', () => {
      if (shutsAfter === undefined || !shutsAfter.includes(connection.call) || client.destroyed) return;
      server.close();
      clearTimeout(passing);
      passing = setTimeout(shut, PASSED_MS);
    });
    for (const socket of [client, upstream]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        connections.delete(connection);
        client.destroy();
        upstream.destroy();
      });
    }
  });
  const shut = () => {
    isShut = true;
    shutsAfter = undefined;
    server.close();
    for (const { client, upstream } of connections) {
      client.destroy();
      upstream.destroy();
    }
  };
  const listen = async (where) => {
    server.listen(where, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port: own } = server.address();
  return {
    url: `http://127.0.0.1:${own}`,
    isShut: () => isShut,
    shut,
    /** @param calls of the sandbox: after the first answer to one of them it shuts */
    shutAfter(calls) {
      shutsAfter = calls;
    },
    async open() {
      shutsAfter = undefined;
      if (!isShut) return;
      isShut = false;
      await listen(own);
    },
    async close() {
      clearTimeout(passing);
      shut();
    },
  };
}
