/** What clients and the supervisor say to each other: one JSON object a line, over a Unix socket. */
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { stackSettingsSchema } from './stack-settings.js';

export const localStackDescriptionSchema = z.object({
  supervisorPid: z.number(),
  /** `127.0.0.1:port` of the Temporal server. */
  address: z.string(),
  namespace: z.string(),
  uiUrl: z.string(),
  /** Present while no real API is configured. */
  sandboxUrl: z.string().optional(),
  /** What the worker calls: the sandbox, or the real API. */
  baseUrl: z.string(),
  pids: z.object({ temporal: z.number(), sandbox: z.number().optional(), worker: z.number() }),
  settingsDigest: z.string(),
});
export type LocalStackDescription = z.infer<typeof localStackDescriptionSchema>;

export const clientMessageSchema = z.discriminatedUnion('kind', [
  /** From here on the open connection keeps the stack alive. */
  /** Without settings: whoever looks at jobs and steers them takes the stack as it is. */
  z.object({ kind: z.literal('attach'), settings: stackSettingsSchema.optional() }),
  z.object({ kind: z.literal('detach') }),
  z.object({ kind: z.literal('describe') }),
  z.object({ kind: z.literal('stop') }),
]);
export type ClientMessage = z.infer<typeof clientMessageSchema>;

export const supervisorMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('progress'), line: z.string() }),
  z.object({ kind: z.literal('ready'), stack: localStackDescriptionSchema }),
  /** Other settings. */
  z.object({ kind: z.literal('refused'), differences: z.array(z.string()) }),
  z.object({ kind: z.literal('failed'), message: z.string() }),
  /** The stack is going away; the connection closes when it is gone. */
  z.object({ kind: z.literal('ending'), supervisorPid: z.number() }),
  /** The answer to `detach` while jobs run or others are attached. */
  z.object({ kind: z.literal('staying') }),
]);
export type SupervisorMessage = z.infer<typeof supervisorMessageSchema>;

export function send(socket: Socket, message: ClientMessage | SupervisorMessage): void {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
}

/** @param onMessage gets each message that follows the schema; a line that does not closes the connection */
export function receive<T>(socket: Socket, schema: z.ZodType<T>, onMessage: (message: T) => void): void {
  const lines = createInterface({ input: socket });
  lines.on('error', () => socket.destroy()); // it repeats the socket's own
  lines.on('line', (line) => {
    let message: T;
    try {
      message = schema.parse(JSON.parse(line));
    } catch {
      socket.destroy();
      return;
    }
    onMessage(message);
  });
}
