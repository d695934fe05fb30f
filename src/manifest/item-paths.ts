/** Paths of a manifest: relative ones begin at its folder, so that it can be moved together with its tables. */
import { normalize, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Document, isDocument } from './entries.js';

/** The table's and the output's `uri` made absolute; what has a scheme, or is no text, stays as it is. */
export function absoluteUris(request: Document, folder: string): Document {
  const absolute = (place: unknown): unknown => {
    if (!isDocument(place) || typeof place.uri !== 'string' || place.uri === '') return place;
    return /^[a-z][a-z0-9+.-]*:\/\//i.test(place.uri) ? place : { ...place, uri: resolve(folder, place.uri) };
  };
  const { table, output } = request;
  return {
    ...request,
    ...(table === undefined ? {} : { table: absolute(table) }),
    ...(output === undefined ? {} : { output: absolute(output) }),
  };
}

/** Two uris of one file are one path, as far as their texts tell. A URI that is no path stays as it is. */
export function pathOfUri(uri: string): string {
  try {
    return normalize(uri.startsWith('file://') ? fileURLToPath(uri) : uri);
  } catch {
    return uri;
  }
}
