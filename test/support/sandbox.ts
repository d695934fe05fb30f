/**
 * The DataXID API emulator for tests: one in this process on a free port, and a thin client of any sandbox's control
 * surface. Everything a test wants to know is read there, over HTTP, not from internals.
 */

import type { LedgerEntry, Limits } from '../../src/sandbox/events.js';
import type { FaultRuleInput } from '../../src/sandbox/faults.js';
import { SANDBOX_KEY, type SandboxOptions, startSandbox } from '../../src/sandbox/start-sandbox.js';

export type { LedgerEntry } from '../../src/sandbox/events.js';

export { SANDBOX_KEY };

export interface SandboxSummary {
  now: string;
  speed: number;
  period: string;
  limits: Limits;
  requests: number;
  requestsInFlight: number;
  modelsAlive: number;
  trainingsStarted: number;
  rowsBilled: number;
  maxInAnyWindow: number;
}

export interface SandboxModel {
  organization: string;
  id: string;
  status: string;
  current_epoch: number;
}

export type SandboxControl = ReturnType<typeof sandboxControl>;
export type TestSandbox = SandboxControl & { url: string; port: number; close(): Promise<void> };

export async function startTestSandbox(options: SandboxOptions = {}): Promise<TestSandbox> {
  const { url, port, close } = await startSandbox(options);
  return { ...sandboxControl(url), url, port, close };
}

export function sandboxControl(url: string) {
  const ask = async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${url}/_sandbox/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  };
  return {
    ledger: async () => (await ask<{ requests: LedgerEntry[] }>('GET', 'ledger')).requests,
    models: async () => (await ask<{ models: SandboxModel[] }>('GET', 'models')).models,
    summary: () => ask<SandboxSummary>('GET', 'state'),
    addFaults: (...rules: FaultRuleInput[]) => ask<unknown>('POST', 'faults', rules),
    clearFaults: () => ask<unknown>('DELETE', 'faults'),
    setLimits: (limits: Partial<Limits>) => ask<Limits>('PUT', 'limits', limits),
    advanceClock: (advanceSeconds: number) => ask<unknown>('POST', 'clock', { advanceSeconds }),
    setSpeed: (speed: number) => ask<unknown>('POST', 'clock', { speed }),
    failTraining: (error: string, times = 1) => ask<unknown>('POST', 'fail-training', { error, times }),
    reset: () => ask<SandboxSummary>('POST', 'reset'),
    /** As somebody does who has the key, beside all jobs. */
    async deleteModel(id: string): Promise<void> {
      const headers = { authorization: `Bearer ${SANDBOX_KEY}` };
      const { ok, status } = await fetch(`${url}/v1/models/${id}`, { method: 'DELETE', headers });
      if (!ok) throw new Error(`DELETE ${id}: ${status}`);
    },
  };
}
