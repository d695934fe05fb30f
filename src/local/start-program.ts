/** A program of ours as a child process: started when it says it is ready, its output kept in a log. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { LogFile } from './log-file.js';

/** The worker bundles its workflows first, about a second on an idle machine. */
const READY_TIMEOUT_MS = 60_000;
const LOG_TAIL_LINES = 20;

export interface RunningChild {
  pid: number;
  /** The exit code, or null after a signal. */
  exited: Promise<number | null>;
  stop(): Promise<void>;
}

/**
 * @param readyOf what a line of JSON on stdout says about being ready: its answer, or undefined for any other line
 * @throws Error with the program's last lines when it ends or stays silent instead
 */
export async function startProgram<T>(options: {
  name: string;
  path: string;
  arguments: readonly string[];
  env: NodeJS.ProcessEnv;
  log: LogFile;
  readyOf: (line: Record<string, unknown>) => T | undefined;
  /** How long SIGTERM may take before SIGKILL. */
  stopTimeoutMs: number;
}): Promise<RunningChild & { ready: T }> {
  const { name, log } = options;
  const child = spawn(process.execPath, [options.path, ...options.arguments], {
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
    child.once('error', () => resolve(null));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), options.stopTimeoutMs);
    await exited;
    clearTimeout(timer);
  };
  const tail: string[] = [];
  const keep = (line: string) => {
    log.write(line);
    tail.push(line);
    if (tail.length > LOG_TAIL_LINES) tail.shift();
  };
  createInterface({ input: child.stderr }).on('line', keep);
  const lines = createInterface({ input: child.stdout }).on('line', keep);

  let timer: NodeJS.Timeout | undefined;
  try {
    await once(child, 'spawn');
    const ready = await new Promise<T>((resolve, reject) => {
      lines.on('line', (line) => {
        const said = readyOfLine(line, options.readyOf);
        if (said !== undefined) resolve(said);
      });
      child.once('close', () =>
        reject(new Error(`The ${name} ended before it was ready. Its last lines:\n${tail.join('\n') || '(none)'}`)),
      );
      timer = setTimeout(
        () =>
          reject(
            new Error(
              `The ${name} was not ready within ${READY_TIMEOUT_MS / 1000} s. Its last lines:\n${tail.join('\n')}`,
            ),
          ),
        READY_TIMEOUT_MS,
      );
    });
    return { pid: child.pid!, exited, stop, ready };
  } catch (error) {
    if (child.pid !== undefined) await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function readyOfLine<T>(line: string, readyOf: (line: Record<string, unknown>) => T | undefined): T | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return readyOf(JSON.parse(line) as Record<string, unknown>);
  } catch {
    return undefined; // a line of text that begins like JSON
  }
}
