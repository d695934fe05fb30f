/** An answer onto the socket: whole, or the way a fault wants it. */
import type { ServerResponse } from 'node:http';
import type { Delivery } from './answer-request.js';
import type { Answer } from './fault-answers.js';

export function sendAnswer(response: ServerResponse, { status, headers, body }: Answer, delivery: Delivery): void {
  const half = body.subarray(0, Math.floor(body.length / 2));
  switch (delivery) {
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'truncate':
      response.writeHead(status, { ...headers, 'content-length': body.length });
      response.write(half, () => response.socket?.destroy());
      return;
    case 'broken-json':
      response.writeHead(status, lengthOf(status, headers, half)).end(half);
      return;
    case 'whole':
      response.writeHead(status, lengthOf(status, headers, body)).end(body);
      return;
    default:
      delivery satisfies never;
  }
}

const lengthOf = (status: number, headers: Record<string, string>, body: Buffer): Record<string, string> =>
  status === 204 ? headers : { ...headers, 'content-length': String(body.length) };
