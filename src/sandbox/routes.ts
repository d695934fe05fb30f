/** Which call a method and path are. */
import { ApiError } from './api-error.js';
import type { Call } from './faults.js';

const CALL_ROUTES: readonly [string, RegExp, Call][] = [
  ['POST', /^\/v1\/models$/, 'create'],
  ['GET', /^\/v1\/models$/, 'list'],
  ['GET', /^\/v1\/models\/([^/]+)$/, 'get'],
  ['DELETE', /^\/v1\/models\/([^/]+)$/, 'delete'],
  ['POST', /^\/v1\/models\/([^/]+)\/init-training$/, 'init-training'],
  ['POST', /^\/v1\/models\/([^/]+)\/train$/, 'train'],
  ['POST', /^\/v1\/models\/([^/]+)\/generate$/, 'generate'],
];

export function routeOf(method: string, path: string): { call: Call; modelId: string } {
  for (const [routeMethod, pattern, call] of CALL_ROUTES) {
    const match = routeMethod === method ? pattern.exec(path) : null;
    if (match !== null) return { call, modelId: match[1] ?? '' };
  }
  return { call: 'unknown', modelId: '' };
}

/** A path or method that the API does not have. No code is documented for it [assumed]. */
export class RouteNotFoundError extends ApiError {
  override readonly status = 404;
  constructor(method: string, path: string) {
    super('model_not_found', `The API has no ${method} ${path}.`);
  }

  body(requestId: string): object {
    return {
      error: { type: 'not_found_error', code: 'route_not_found', message: this.message },
      request_id: requestId,
    };
  }
}
