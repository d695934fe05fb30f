/** A few cells of the crash matrix in every run of the tests: those in which most has gone wrong before it goes right. */
import { expect, test } from '@jest/globals';
import { runChaos } from './run-chaos.js';

const LIMIT_MS = 150_000;

test(
  'a worker is killed when rows were never asked for, billed and lost, or refused by the quota: they are billed once',
  async () => {
    const { code, output } = await runChaos(
      'matrix',
      ...['--only', 'generate'],
      ...['--outcomes', 'not sent,applied and lost,402'],
      ...['--disturbances', 'kill worker after'],
    );
    expect(output).toContain('generate / kill worker after: 3 of 3 passed');
    expect(code).toBe(0);
  },
  LIMIT_MS,
);

test(
  'a model whose creation was not answered, and cannot be asked for again, is told of; a cancelled job leaves no artifact',
  async () => {
    const { code, output } = await runChaos(
      'matrix',
      ...['--only', 'create'],
      ...['--outcomes', 'applied and lost'],
      ...['--disturbances', 'corrupted artifact,cancel'],
    );
    expect(output).toContain('create / corrupted artifact: 1 of 1 passed');
    expect(output).toContain('create / cancel: 1 of 1 passed');
    expect(code).toBe(0);
  },
  LIMIT_MS,
);
