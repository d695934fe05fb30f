/**
 * The supervisor's side of the socket: who is attached, who waits to hear that the stack is ready, who asked it to end.
 * A client is attached as long as its connection is open, so one that is killed is detached by the system.
 */
import type { Server, Socket } from 'node:net';
import {
  type ClientMessage,
  clientMessageSchema,
  type LocalStackDescription,
  receive,
  type SupervisorMessage,
  send,
} from './stack-messages.js';
import { differencesOf, type StackSettings } from './stack-settings.js';

export interface StackClients {
  attachedCount(): number;
  progress(line: string): void;
  ready(describe: () => LocalStackDescription): void;
  /** Told to everybody; a reason makes it a failure. From here on newcomers are told too. */
  ending(reason?: string): void;
}

export function serveClients(
  server: Server,
  settings: StackSettings,
  on: {
    stop: () => void;
    /** A client said goodbye. @returns whether the stack ends now */
    detached: () => Promise<boolean>;
  },
): StackClients {
  const clients = new Map<Socket, { isAttached: boolean }>();
  let last: SupervisorMessage | undefined;
  let describe: (() => LocalStackDescription) | undefined;
  let end: SupervisorMessage | undefined;
  const attachedCount = () => [...clients.values()].filter(({ isAttached }) => isAttached).length;

  const greet = (socket: Socket) => {
    if (end) send(socket, end);
    else if (describe) send(socket, { kind: 'ready', stack: describe() });
    else if (last) send(socket, last);
  };
  const handle = async (socket: Socket, message: ClientMessage) => {
    switch (message.kind) {
      case 'attach': {
        const differences = message.settings === undefined ? [] : differencesOf(settings, message.settings);
        if (differences.length > 0) return send(socket, { kind: 'refused', differences });
        clients.get(socket)!.isAttached = true;
        return greet(socket);
      }
      case 'describe':
        return greet(socket);
      case 'detach':
        clients.get(socket)!.isAttached = false;
        if (!(await on.detached())) send(socket, { kind: 'staying' });
        return;
      case 'stop':
        return on.stop();
      default:
        return message satisfies never;
    }
  };
  server.on('connection', (socket) => {
    clients.set(socket, { isAttached: false });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => clients.delete(socket));
    receive(socket, clientMessageSchema, (message) => void handle(socket, message));
  });
  const tellAll = (message: SupervisorMessage) => {
    for (const socket of clients.keys()) send(socket, message);
  };
  return {
    attachedCount,
    progress(line) {
      last = { kind: 'progress', line };
      tellAll(last);
    },
    ready(now) {
      describe = now;
      tellAll({ kind: 'ready', stack: now() });
    },
    ending(reason) {
      end = reason === undefined ? { kind: 'ending', supervisorPid: process.pid } : { kind: 'failed', message: reason };
      tellAll(end);
    },
  };
}
