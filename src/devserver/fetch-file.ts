/**
 * Getting something from the internet once, politely: short patience for a host that does not answer (it is closed on
 * many company networks), the proxy and the certificates that the user's own tools are set to, and a bound on sizes.
 * Not here: which host (download-cli.ts, package-index.ts), keeping the file (install-cli.ts).
 */
import { createHash } from 'node:crypto';
import { createWriteStream, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { rootCertificates } from 'node:tls';
import { type Dispatcher, EnvHttpProxyAgent, fetch, type Response } from 'undici';

const CONNECT_TIMEOUT_MS = 5_000;
const HEADERS_TIMEOUT_MS = 15_000;
/** Longest gap between two parts of a body. */
const BODY_GAP_TIMEOUT_MS = 30_000;
/** The largest archive of 1.9.1 has 46 MB. */
const FILE_BYTES_MAX = 256 * 1024 * 1024;
const TEXT_BYTES_MAX = 8 * 1024 * 1024;

export interface Network {
  /** The body as text. @returns also the address that answered in the end, which relative links are relative to. */
  fetchText(url: URL, headers: Record<string, string>): Promise<{ text: string; contentType: string; url: URL }>;
  /** Writes the body to `path`, flushed to the disk. @returns its sha256 in hex */
  fetchFile(url: URL, path: string, headers?: Record<string, string>): Promise<string>;
  close(): Promise<void>;
}

/** @param env read for HTTPS_PROXY, HTTP_PROXY, NO_PROXY and PIP_CERT (a PEM file trusted beside Node's own roots) */
export function openNetwork(env: NodeJS.ProcessEnv): Network {
  const dispatcher = dispatcherOf(env);
  return {
    async fetchText(url, headers) {
      const response = await get(url, headers, dispatcher);
      const bytes: Buffer[] = [];
      for await (const part of bounded(response, TEXT_BYTES_MAX)) bytes.push(part);
      return {
        text: Buffer.concat(bytes).toString('utf8'),
        contentType: response.headers.get('content-type') ?? '',
        url: new URL(response.url),
      };
    },
    async fetchFile(url, path, headers = {}) {
      const response = await get(url, headers, dispatcher);
      const hash = createHash('sha256');
      await pipeline(
        bounded(response, FILE_BYTES_MAX),
        async function* (parts: AsyncIterable<Buffer>) {
          for await (const part of parts) {
            hash.update(part);
            yield part;
          }
        },
        createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }),
      );
      return hash.digest('hex');
    },
    close: () => dispatcher.destroy(),
  };
}

/** What to tell a person about a fetch that failed: the network's own reason, which `fetch` hides in `cause`. */
export function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const inner = cause instanceof AggregateError ? cause.errors[0] : cause;
  return message === 'fetch failed' && inner instanceof Error ? inner.message : message;
}

function dispatcherOf(env: NodeJS.ProcessEnv): Dispatcher {
  // NODE_EXTRA_CA_CERTS is read by Node itself; a `ca` given here would replace what it added, so only PIP_CERT sets one.
  const tls =
    env.PIP_CERT && !env.NODE_EXTRA_CA_CERTS ? { ca: [...rootCertificates, readFileSync(env.PIP_CERT, 'utf8')] } : {};
  return new EnvHttpProxyAgent({
    httpProxy: env.http_proxy ?? env.HTTP_PROXY,
    httpsProxy: env.https_proxy ?? env.HTTPS_PROXY,
    noProxy: env.no_proxy ?? env.NO_PROXY,
    connect: { timeout: CONNECT_TIMEOUT_MS, ...tls },
    requestTls: { timeout: CONNECT_TIMEOUT_MS, ...tls },
    headersTimeout: HEADERS_TIMEOUT_MS,
    bodyTimeout: BODY_GAP_TIMEOUT_MS,
  });
}

async function get(url: URL, headers: Record<string, string>, dispatcher: Dispatcher): Promise<Response> {
  const response = await fetch(url, { headers, dispatcher });
  if (response.ok && response.body !== null) return response;
  await response.body?.cancel();
  throw new Error(`${url.host} answered ${response.status}`);
}

async function* bounded(response: Response, bytesMax: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const part of Readable.fromWeb(response.body!)) {
    bytes += part.length;
    if (bytes > bytesMax) throw new Error(`the answer is larger than ${bytesMax / 1024 / 1024} MiB`);
    yield part;
  }
}
