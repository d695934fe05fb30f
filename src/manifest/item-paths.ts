/** Paths of a manifest: relative ones begin at its folder, so that it can be moved together with its tables. */
import { normalize, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Document, isDocument } from './entries.js';

/** The `uri` of the table, of what the generation is given and of the output made absolute; what has a scheme, or is no text, stays as it is. */
export function absoluteUris(request: Document, folder: string): Document {
  const absolute = (place: unknown): unknown => {
    if (!isDocument(place) || typeof place.uri !== 'string' || place.uri === '') return place;
    return /^[a-z][a-z0-9+.-]*:\/\//i.test(place.uri) ? place : { ...place, uri: resolve(folder, place.uri) };
  };
  const { table, generation, output } = request;
  return {
    ...request,
    ...(table === undefined ? {} : { table: absolute(table) }),
    ...(isDocument(generation) ? { generation: withGiven(generation, absolute) } : {}),
    ...(output === undefined ? {} : { output: absolute(output) }),
  };
}

function withGiven(generation: Document, absolute: (place: unknown) => unknown): Document {
  const { conditions, impute } = generation;
  return {
    ...generation,
    ...(conditions === undefined ? {} : { conditions: absolute(conditions) }),
    ...(isDocument(impute) ? { impute: { ...impute, X: absolute(impute.X) } } : {}),
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
