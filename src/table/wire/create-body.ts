/**
 * The body of POST /v1/models: the table's metadata and the model's shape (data-plane 4.1 to 4.4). This is what leaves the
 * machine in clear text: column names, kept categories, bin edges, bounds, alphabets and the share of each code.
 */
import type { ModelSettings } from '../../contract/requests.js';
import { countCodes } from '../code-array.js';
import type { Analysis, CodeCounts, Codes, SubColumn } from '../stats.js';
import { subColumnsOf } from '../sub-columns.js';
import { type Body, bodyOf } from './body.js';
import { columnStatsOf, valueMappingOf } from './column-stats.js';
import { float, jsonText, list, object, type WireFloat, type WireObject } from './wire-json.js';

/** `{metadata, config}`, streamed; the same bytes as the SDK's for the same analysis and codes. */
export function createBody(analysis: Analysis, codes: Codes, model: ModelSettings): Body {
  const counts = subColumnsOf(analysis).map(({ key, cardinality }) => {
    const column = codes.get(key);
    if (!column) throw new Error(`bug: no codes for sub-column ${key}`);
    return [key, countCodes(column, cardinality)] as const;
  });
  return createBodyOf(analysis, new Map(counts), model);
}

/** The same, where the codes are counted already. */
export function createBodyOf(analysis: Analysis, counts: CodeCounts, model: ModelSettings): Body {
  const body = object([
    ['metadata', metadataOf(analysis, counts)],
    [
      'config',
      object([
        ['embedding_dim', model.embedding_dim],
        ['model_size', model.model_size],
        ['batch_size', model.batch_size],
        ['max_epochs', model.max_epochs],
      ]),
    ],
  ]);
  return bodyOf(() => jsonText(body));
}

function metadataOf(analysis: Analysis, counts: CodeCounts): WireObject {
  const { features } = analysis;
  const subColumns = subColumnsOf(analysis);
  return object([
    ['cardinalities', object(subColumns.map(({ key, cardinality }) => [key, cardinality] as const))],
    ['features', list(features.map(({ name }) => name))],
    ['column_stats', object(features.map((feature) => [feature.name, columnStatsOf(feature)] as const))],
    [
      'value_mappings',
      object(
        features.flatMap(({ name, stats }) => {
          const mapping = valueMappingOf(stats);
          return mapping ? [[name, mapping] as const] : [];
        }),
      ),
    ],
    [
      'empirical_probs',
      object(subColumns.map((subColumn) => [subColumn.key, list(probabilitiesOf(subColumn, counts))] as const)),
    ],
    ['has_context', false],
    ['is_sequential', false],
    ['seq_len_max', 1],
    ['seq_len_median', 1],
  ]);
}

/** Each code's share of the rows, smoothed: (count + 1) / (rows + cardinality). */
function probabilitiesOf({ key, cardinality }: SubColumn, counts: CodeCounts): WireFloat[] {
  const ofCodes = counts.get(key);
  if (!ofCodes) throw new Error(`bug: no codes for sub-column ${key}`);
  const rows = ofCodes.reduce((sum, count) => sum + count, 0);
  return Array.from(ofCodes, (count) => float((count + 1) / (rows + cardinality)));
}
