/**
 * The integer targets of the training batches as columns: what the emulator learns from and what it keeps of an upload.
 * Validation rows are checked and left out. Steps of sequences become rows; their padding and positions become lengths.
 */
import { parameterInvalid } from './api-error.js';
import { checkEmbedding, type InitTrainingBody } from './request-bodies.js';

export const POSITION_PREFIX = '__pos____';

export interface TableShape {
  /** Wire key to number of codes, in the order of the model's metadata. */
  cardinalities: Record<string, number>;
  isSequential: boolean;
  embeddingDim: number;
}

export interface TrainingData {
  rows: number;
  /** One list of codes a feature sub-column, in the order of `featureKeys`. */
  columns: Int32Array[];
  /** Steps of each entity; empty for a flat table. */
  lengths: Int32Array;
}

export const featureKeys = ({ cardinalities }: TableShape): string[] =>
  Object.keys(cardinalities).filter((key) => !key.startsWith(POSITION_PREFIX));

/** @throws ApiError `parameter_invalid` naming the batch and key whose codes are missing, uneven or out of range */
export function readTrainingData(shape: TableShape, batches: InitTrainingBody['batches']): TrainingData {
  const keys = featureKeys(shape);
  const columns: number[][] = keys.map(() => []);
  const lengths: number[] = [];
  batches.forEach((batch, index) => {
    const at = `body.batches.${index}`;
    const size = checkEmbedding(batch.embedding, shape.embeddingDim, `${at}.embedding`);
    for (const [key, cardinality] of Object.entries(shape.cardinalities)) {
      const codes = batch.targets[key];
      const param = `${at}.targets.${key}`;
      if (codes === undefined) throw parameterInvalid(param, 'The targets lack this key of metadata.cardinalities.');
      if (codes.length !== size) {
        throw parameterInvalid(param, `${codes.length} targets for ${size} rows of the embedding.`);
      }
      const column = columns[keys.indexOf(key)];
      const kept = batch.is_validation ? undefined : column;
      if (shape.isSequential) readSteps(codes, cardinality, param, kept);
      else readCodes(codes, cardinality, param, kept);
    }
    if (shape.isSequential && !batch.is_validation) {
      for (const steps of Object.values(batch.targets)[0] ?? []) lengths.push((steps as unknown[]).length - 1);
    }
  });
  return {
    rows: columns[0]?.length ?? 0,
    columns: columns.map((column) => Int32Array.from(column)),
    lengths: Int32Array.from(lengths),
  };
}

function readCodes(codes: readonly unknown[], cardinality: number, param: string, into: number[] | undefined): void {
  for (const code of codes) {
    if (typeof code !== 'number' || !Number.isInteger(code) || code < 0 || code >= cardinality) {
      throw parameterInvalid(param, `Every target is an integer from 0 to ${cardinality - 1}.`);
    }
    into?.push(code);
  }
}

/** The last step of every entity is padding: checked, not learned. */
function readSteps(lists: readonly unknown[], cardinality: number, param: string, into: number[] | undefined): void {
  for (const steps of lists) {
    if (!Array.isArray(steps) || steps.length === 0) throw parameterInvalid(param, 'Every entity has a list of steps.');
    readCodes(steps.slice(0, -1), cardinality, param, into);
    readCodes(steps.slice(-1), cardinality, param, undefined);
  }
}

const BYTES_PER_CODE = 4;

/** Compact bytes for a file beside the journal: rows and entities as a head, then column by column, then lengths. */
export function packTrainingData({ rows, columns, lengths }: TrainingData): Buffer {
  const head = Int32Array.of(rows, columns.length, lengths.length);
  return Buffer.concat(
    [head, ...columns, lengths].map(({ buffer, byteOffset, byteLength }) =>
      Buffer.from(buffer, byteOffset, byteLength),
    ),
  );
}

export function unpackTrainingData(bytes: Buffer): TrainingData {
  const codes = new Int32Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    0,
    bytes.length / BYTES_PER_CODE,
  );
  const [rows = 0, columnCount = 0] = codes;
  const body = codes.subarray(3);
  return {
    rows,
    columns: Array.from({ length: columnCount }, (_, index) => body.subarray(index * rows, (index + 1) * rows)),
    lengths: body.subarray(columnCount * rows),
  };
}
