/** What a fault rule has answered in place of the API, or in its name. */
import { ApiError, type ErrorCode } from './api-error.js';
import type { FaultRule } from './faults.js';
import { quotaMessage, usageOf } from './row-quota.js';
import type { SandboxState } from './sandbox-state.js';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

export function injectedError(
  state: SandboxState,
  organization: string,
  code: ErrorCode,
  message: string | undefined,
): ApiError {
  if (code !== 'quota_exceeded') {
    const extras =
      code === 'rate_limit_exceeded' ? { retryAfterSeconds: 1 } : code === 'parameter_invalid' ? { param: 'body' } : {};
    return new ApiError(code, message ?? `Injected by a fault rule: ${code}.`, extras);
  }
  const usage = usageOf(state, organization, 0);
  return new ApiError(code, message ?? quotaMessage(usage), { usage });
}

export const isAfter = (fault: FaultRule): boolean => 'after' in fault && fault.after;

/** What something between client and API answers: not the API's envelope, none of its headers. */
export function proxyAnswer(fault: FaultRule): Answer | undefined {
  switch (fault.kind) {
    case 'status':
      return {
        status: fault.status,
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(fault.body ?? ''),
      };
    case 'html': {
      const page = `<html><head><title>${fault.status}</title></head><body><h1>${fault.status}</h1><hr>proxy</body></html>\n`;
      return { status: fault.status, headers: { 'content-type': 'text/html' }, body: Buffer.from(page) };
    }
    case 'empty':
      return { status: fault.status, headers: {}, body: Buffer.alloc(0) };
    default:
      return undefined;
  }
}
