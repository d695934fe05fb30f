/**
 * What a supervisor leaves for the one after it: its ports, so that clients that wait for the server find it where it
 * was, and its processes, in case it was killed together with its guard and they live on.
 */
import { execFile } from 'node:child_process';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';

const stackRecordSchema = z.object({
  supervisorPid: z.number(),
  pids: z.array(z.number()),
  ports: z.object({ temporal: z.number(), ui: z.number(), sandbox: z.number() }),
});
export type StackRecord = z.infer<typeof stackRecordSchema>;

export async function writeRecord(path: string, record: StackRecord): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** @returns nothing when there is none or it cannot be read: it only makes things nicer */
export async function readRecord(path: string): Promise<StackRecord | undefined> {
  try {
    return stackRecordSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/**
 * Ends processes that a dead supervisor left. They are known by their process group, which bears the supervisor's id, and
 * which the system gives to nobody else as long as one of them lives.
 * @returns how many of the recorded ones were found
 */
export async function endOrphans({ supervisorPid, pids }: StackRecord): Promise<number> {
  const groups = await Promise.all(pids.map(groupOf));
  const found = groups.filter((group) => group === supervisorPid).length;
  if (found === 0) return 0;
  process.kill(-supervisorPid, 'SIGKILL');
  while ((await Promise.all(pids.map(groupOf))).includes(supervisorPid)) await delay(20);
  return found;
}

async function groupOf(pid: number): Promise<number | undefined> {
  try {
    if (process.platform !== 'linux')
      return Number((await promisify(execFile)('ps', ['-o', 'pgid=', '-p', `${pid}`])).stdout);
    // `pid (name) state parent group …`; the name may hold anything, parentheses too. A zombie is as good as gone.
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\)/s, '').trim().split(' ');
    return fields[0] === 'Z' ? undefined : Number(fields[2]);
  } catch {
    return undefined;
  }
}
