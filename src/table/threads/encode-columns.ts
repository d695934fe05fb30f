/**
 * What the encoding thread does: each column in table order is analyzed, encoded, put into the order of the upload and
 * written to the file of codes; then it is forgotten. One thread for all columns, since each draws its thresholds and
 * fills where the one before stopped. In the end the encoder's weights, drawn where the order of rows stopped.
 */
import type { EncodingType } from '../../contract/encoding.js';
import type { ModelSettings } from '../../contract/requests.js';
import { drawThresholdFrom } from '../analyze/protection.js';
import { analyzeColumn } from '../analyze.js';
import { codeArray, countCodes } from '../code-array.js';
import type { PlainColumn } from '../column.js';
import { encodeColumn } from '../encode.js';
import { type EncoderImage, layOutEncoder } from '../encoder/encoder.js';
import { drawWeights } from '../encoder/weights.js';
import { indexTexts } from '../packed-texts.js';
import { Random, type RandomState } from '../random.js';
import type { CodeArray, Feature, SubColumn } from '../stats.js';
import { subColumnsOfFeature } from '../sub-columns.js';
import { CodeFileWriter, type CodePlace } from './code-file.js';

export interface EncodingTask {
  readonly rows: number;
  readonly codeFile: string;
  readonly encodings: Readonly<Record<string, EncodingType>>;
  readonly protectRare: boolean;
  readonly model: ModelSettings;
  readonly seeds: Seeds;
}

/** Of rare thresholds; of what nulls are filled with; of the order of rows, the encoder's weights and noise. */
export interface Seeds {
  readonly thresholds: number;
  readonly fills: number;
  readonly batches: number;
}

export interface EncodedColumn {
  readonly feature: Feature;
  readonly warnings: readonly string[];
  readonly subColumns: readonly EncodedSubColumn[];
}

export interface EncodedSubColumn extends SubColumn {
  /** Code -> rows that have it. */
  readonly counts: Uint32Array;
  readonly place: CodePlace;
}

export class ColumnEncoder {
  readonly #task: EncodingTask;
  readonly #thresholds: Random;
  readonly #fills: Random;
  readonly #batches: Random;
  readonly #order: Uint32Array;
  readonly #file: CodeFileWriter;

  constructor(task: EncodingTask) {
    this.#task = task;
    this.#thresholds = new Random(task.seeds.thresholds);
    this.#fills = new Random(task.seeds.fills);
    this.#batches = new Random(task.seeds.batches);
    this.#order = this.#batches.permutation(task.rows);
    this.#file = new CodeFileWriter(task.codeFile);
  }

  encode(read: PlainColumn): EncodedColumn {
    const { encodings, protectRare } = this.#task;
    const column = read.type === 'text rows' ? indexTexts(read) : read;
    const { feature, warnings } = analyzeColumn(column, {
      override: Object.hasOwn(encodings, column.name) ? encodings[column.name] : undefined,
      draw: protectRare ? () => drawThresholdFrom(this.#thresholds) : undefined,
    });
    const subColumns = subColumnsOfFeature(feature.name, feature.stats);
    const encoded: EncodedSubColumn[] = [];
    for (const [sub, codes] of encodeColumn(column, feature.stats, this.#fills)) {
      const subColumn = subColumns[encoded.length]!;
      if (subColumn.sub !== sub) throw new Error(`bug: ${subColumn.key} was encoded as ${sub}`);
      const counts = countCodes(codes, subColumn.cardinality);
      encoded.push({ ...subColumn, counts, place: this.#file.write(this.#inOrder(codes, subColumn.cardinality)) });
    }
    return { feature, warnings, subColumns: encoded };
  }

  /** @param seats how many threads will render */
  finish(subColumns: readonly SubColumn[], seats: number): { image: EncoderImage; random: RandomState } {
    this.#file.close();
    const image = layOutEncoder(drawWeights(subColumns, this.#task.model, this.#batches), seats);
    return { image, random: this.#batches.state() };
  }

  #inOrder(codes: CodeArray, cardinality: number): CodeArray {
    const ordered = codeArray(cardinality, codes.length);
    const order = this.#order;
    for (let i = 0; i < ordered.length; i += 1) ordered[i] = codes[order[i]!]!;
    return ordered;
  }
}
