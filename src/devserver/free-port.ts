/** Ports of this machine. Somebody may take a free one before we do, so whoever uses it must be ready to ask again. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

export const LOOPBACK = '127.0.0.1';

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  return await listenBriefly(0);
}

export async function isFree(port: number): Promise<boolean> {
  return await listenBriefly(port).then(
    () => true,
    () => false,
  );
}

/** Does anybody accept connections there? */
export async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, LOOPBACK);
  return await once(socket, 'connect')
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.destroy());
}

async function listenBriefly(wanted: number): Promise<number> {
  const server = createServer().listen(wanted, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
