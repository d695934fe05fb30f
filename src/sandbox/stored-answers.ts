/**
 * Answers under idempotency keys, for 24 hours of the virtual clock [ref]: given again without running the request.
 * A key belongs to an organization and to one method, path and body; which answers are kept is in assumptions.ts.
 */
import type { Blobs } from './blobs.js';

export const KEY_LIFETIME_MS = 24 * 60 * 60 * 1_000;

export interface StoredAnswer {
  organization: string;
  key: string;
  /** Digest of method, path and body. */
  fingerprint: string;
  atMs: number;
  status: number;
  requestId: string;
  code: string | null;
  modelId: string | null;
  /** Name of the blob that holds the body; null for 204. */
  bodyBlob: string | null;
}

export class StoredAnswers {
  /** Oldest first. */
  private readonly answers = new Map<string, StoredAnswer>();
  private readonly running = new Set<string>();

  constructor(private readonly blobs: Blobs) {}

  find(organization: string, key: string, nowMs: number): StoredAnswer | undefined {
    this.forgetExpired(nowMs);
    const found = this.answers.get(nameOf(organization, key));
    return found !== undefined && found.atMs + KEY_LIFETIME_MS > nowMs ? found : undefined;
  }

  put(answer: StoredAnswer): void {
    const name = nameOf(answer.organization, answer.key);
    this.answers.delete(name);
    this.answers.set(name, answer);
  }

  isRunning(organization: string, key: string): boolean {
    return this.running.has(nameOf(organization, key));
  }

  /** Marks a key's first request as running until the function returned is called. */
  begin(organization: string, key: string): () => void {
    const name = nameOf(organization, key);
    this.running.add(name);
    return () => this.running.delete(name);
  }

  clear(): void {
    this.answers.clear();
  }

  private forgetExpired(nowMs: number): void {
    for (const [name, { atMs, bodyBlob }] of this.answers) {
      if (atMs + KEY_LIFETIME_MS > nowMs) return;
      this.answers.delete(name);
      if (bodyBlob !== null) this.blobs.remove(bodyBlob);
    }
  }
}

const nameOf = (organization: string, key: string): string => `${organization} ${key}`;
