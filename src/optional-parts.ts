/**
 * The parts that a service may leave out which only starts jobs (decisions/0008): the worker, the table engine, the
 * emulator. Whoever needs one that is not there says so in a sentence. Not here: which they are (package.json).
 */
import { readFileSync } from 'node:fs';

/** A package of ours is needed and is not there. */
export class PartMissingError extends Error {
  override readonly name = 'PartMissingError';
  constructor(part: string, version: string) {
    super(
      `This needs ${part}, which was left out of this installation: run \`npm install --include=optional\` (if npm skips it again, \`npm install ${part}@${version}\` says why).`,
    );
  }
}

/** What to say for an import that failed because a part is missing; undefined for any other error. */
export function partMissingOf(error: unknown): PartMissingError | undefined {
  if (!(error instanceof Error) || (error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') return undefined;
  const [, missed = ''] = /^Cannot find package '([^']+)'/.exec(error.message) ?? [];
  // A path, where an empty package was put in its place (decisions/0008).
  const found = Object.entries(optionalParts()).find(
    ([part]) => missed === part || missed.includes(`/node_modules/${part}/`),
  );
  return found === undefined ? undefined : new PartMissingError(...found);
}

/** Before something is started that would only find out in a process of its own. @throws PartMissingError */
export function requireOptionalParts(): void {
  for (const [part, version] of Object.entries(optionalParts())) {
    try {
      import.meta.resolve(part);
    } catch {
      throw new PartMissingError(part, version);
    }
  }
}

/** By name, with the version that is ours. */
function optionalParts(): Record<string, string> {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { optionalDependencies: Record<string, string> }).optionalDependencies;
}
