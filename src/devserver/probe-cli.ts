/** Is this file a Temporal CLI that can be used? Asked of the program itself, never guessed from its name. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CLI_VERSION_MIN } from './cli-release.js';

/** The first start of a fresh binary may be scanned by the system; after that it answers in 40 ms. */
const ANSWER_TIMEOUT_MS = 20_000;

/** @returns the version. @throws Error that says why the file cannot be used, without its path. */
export async function probeCli(path: string): Promise<string> {
  let stdout: string;
  try {
    ({ stdout } = await promisify(execFile)(path, ['--version'], { timeout: ANSWER_TIMEOUT_MS }));
  } catch (error) {
    throw new Error(whyItDidNotRun(error), { cause: error });
  }
  const version = /^temporal version (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error('it does not answer --version as the Temporal CLI does');
  if (isOlder(version, CLI_VERSION_MIN))
    throw new Error(`it is version ${version}, and ${CLI_VERSION_MIN} or later is needed`);
  return version;
}

function whyItDidNotRun(error: unknown): string {
  const { code, killed } = error as { code?: string | number; killed?: boolean };
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'it may not be executed';
  if (killed) return `it did not answer --version within ${ANSWER_TIMEOUT_MS / 1000} s`;
  return `it did not run (${typeof code === 'number' ? `exit code ${code}` : (code ?? 'no reason given')})`;
}

function isOlder(version: string, than: string): boolean {
  const [mine, theirs] = [version, than].map((text) => text.split('.').map(Number));
  const index = mine!.findIndex((part, at) => part !== theirs![at]);
  return index !== -1 && mine![index]! < theirs![index]!;
}
