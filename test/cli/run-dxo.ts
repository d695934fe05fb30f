/**
 * Runs the compiled command as users do: a process of its own, in a folder of its own, with nothing of this shell's
 * DATAXID_, TEMPORAL_ or DXO_ settings. DXO_DIST points to another build than dist/.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const MAIN = resolve(process.env.DXO_DIST ?? 'dist', 'cli', 'main.js');

export interface Answer {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  /** What it has said on stderr so far. */
  stderr(): string;
  ended: Promise<Answer>;
  /** Resolves when stderr matches. Rejects when it ends first. */
  said(pattern: RegExp): Promise<void>;
}

export function startDxo(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const clean = Object.entries(process.env).filter(([name]) => !/^(DATAXID|TEMPORAL|DXO)_/.test(name));
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { ...Object.fromEntries(clean), TEMPORAL_CLI_PATH: process.env.TEST_TEMPORAL_CLI, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, stdout, stderr }));
  return {
    child,
    stderr: () => stderr,
    ended,
    said: async (pattern) => {
      while (!pattern.test(stderr)) {
        const came = await Promise.race([once(child.stderr, 'data').then(() => true), ended.then(() => false)]);
        if (!came && !pattern.test(stderr)) throw new Error(`dxo ended without saying ${pattern}:\n${stderr}`);
      }
    },
  };
}

export function runDxo(folder: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Answer> {
  return startDxo(folder, args, env).ended;
}

/** The last line of stdout: with --json, the answer. */
export function jsonOf<T = Record<string, unknown>>({ stdout, stderr }: Answer): T {
  const last = stdout.trim().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(last) as T;
  } catch {
    throw new Error(`no JSON last on stdout:\n${stdout}\n${stderr}`);
  }
}

export interface Folder {
  path: string;
  names(): Promise<string[]>;
  remove(): Promise<void>;
}

export async function makeFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'dxo-cli-'));
  return {
    path,
    names: async () => (await readdir(path)).sort(),
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
