/** Whether there is a job of an id already, and how far: Temporal's word for it. Undefined: there is none. */
import { JobNotFoundError } from '../client/errors.js';
import type { Session } from './session.js';

export async function statusOfJob({ client }: Session, id: string): Promise<string | undefined> {
  try {
    return (await (await client.getHandle(id)).describe()).status;
  } catch (error) {
    if (error instanceof JobNotFoundError) return undefined;
    throw error;
  }
}
