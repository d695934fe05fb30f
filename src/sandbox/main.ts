#!/usr/bin/env node
/** The sandbox as a program of its own: `node …/sandbox/main.js --port 8787`. */
import { sandboxCommand } from './command.js';

try {
  await sandboxCommand().parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
