/**
 * A Python with the official Temporal client, for the examples: a virtual environment from their requirements, made once
 * and kept in the temporary folder. Needs python3 with venv, and a package index.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const INSTALL_TIMEOUT_MS = 240_000;

export const hasPython = (): boolean => {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** @returns the interpreter's path */
export function pythonWith(requirements: string): string {
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(tmpdir(), `dataxid-orchestrator-python-${digest}`);
  const interpreter = join(folder, 'bin', 'python');
  if (existsSync(interpreter)) return interpreter;
  // Made elsewhere and moved, so that one that was cut short is never used. A venv that is moved still runs its python.
  const fresh = mkdtempSync(`${folder}-`);
  const run = (command: string, ...args: string[]): unknown =>
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: INSTALL_TIMEOUT_MS });
  try {
    run('python3', '-m', 'venv', fresh);
    run(join(fresh, 'bin', 'python'), '-m', 'pip', 'install', '-q', '--disable-pip-version-check', '-r', requirements);
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(interpreter)) throw error;
  }
  return interpreter;
}
