/** Where the API is. The key travels there, so clear-text `http` is for this machine only [sdk]. */
import { InputError } from '../contract/input-error.js';

/**
 * The base URL without a trailing slash, query or fragment. The parsed host is compared, never the text:
 * `http://localhost:x@other.host/` begins like this machine and is not.
 * @throws InputError base_url_refused; the message never quotes the text, which may hold a password.
 */
export function parseBaseUrl(text: string): URL {
  const refuse = (why: string) =>
    new InputError('base_url_refused', `The base URL of the API ${why}. Check DATAXID_BASE_URL.`, 'base_url');
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw refuse('is not a URL; it looks like https://api.dataxid.com');
  }
  if (url.username !== '' || url.password !== '') throw refuse('holds a user name or password; the API takes a key');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse('is neither https:// nor http://');
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw refuse(
      `is http:// and "${url.hostname}" is another host, so the key would travel in clear text; use https://`,
    );
  }
  if (url.search !== '' || url.hash !== '') throw refuse('has a query or a fragment; give scheme, host and path only');
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}

/** As the URL parser spells hosts: `127.1` has become 127.0.0.1, IPv6 stands in brackets. */
function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname === '[::1]' || hostname === '0.0.0.0' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}
