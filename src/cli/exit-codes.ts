/** What the command answers to the shell (docs/command.md), and which error means which. */
import {
  InvalidRequestError,
  JobExistsError,
  JobNotFoundError,
  OrchestratorUnavailableError,
} from '../client/errors.js';
import { InputError } from '../contract/input-error.js';
import { PartMissingError } from '../optional-parts.js';

export const EXIT = {
  done: 0,
  /** The job failed, was cancelled or terminated; also a fault of the command itself. */
  failed: 1,
  /** Wrong usage or bad input: nothing was started. */
  usage: 2,
  /** Temporal, a worker, the Temporal CLI or the API cannot be reached, or a part of the package was left out. */
  unreachable: 3,
  /** `schedules plan --detailed-exitcode`: there is something to apply. */
  changes: 4,
  /** Ctrl-C: the job goes on without this command. */
  detached: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export function exitCodeOf(error: unknown): ExitCode {
  if (
    error instanceof InputError ||
    error instanceof InvalidRequestError ||
    error instanceof JobNotFoundError ||
    error instanceof JobExistsError
  ) {
    return EXIT.usage;
  }
  if (error instanceof OrchestratorUnavailableError || error instanceof PartMissingError) return EXIT.unreachable;
  return EXIT.failed;
}
