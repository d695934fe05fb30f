/**
 * Chunks of DuckDB vectors become one column each: plain arrays that grow, and for text a dictionary. Vectors are read
 * by their typed data, without an object a row.
 */
import {
  DuckDBBigIntVector,
  DuckDBBooleanVector,
  DuckDBDoubleVector,
  DuckDBHugeIntVector,
  DuckDBTimestampVector,
  type DuckDBVector,
} from '@duckdb/node-api';
import type { Column } from '../column.js';
import type { PlannedColumn } from './column-types.js';

export interface ColumnBuilder {
  append(vector: DuckDBVector): void;
  build(): Column;
}

const ROWS_AT_FIRST = 2048;

export function columnBuilder({ name, type, isDate }: PlannedColumn): ColumnBuilder {
  switch (type) {
    case 'text':
      return textBuilder(name);
    case 'timestamp':
      return timestampBuilder(name, isDate);
    case 'integer':
      return integerBuilder(name);
    case 'float':
      return floatBuilder(name);
    case 'boolean':
      return booleanBuilder(name);
  }
}

function integerBuilder(name: string): ColumnBuilder {
  const values = new Growing((length) => new Float64Array(length));
  const isNull = new Growing((length) => new Uint8Array(length));
  const exact = new Map<number, bigint>();
  return {
    append(vector) {
      if (!(vector instanceof DuckDBBigIntVector) && !(vector instanceof DuckDBHugeIntVector)) throw unexpected(vector);
      for (let i = 0; i < vector.itemCount; i += 1) {
        const integer = vector.getItem(i);
        const value = integer === null ? 0 : Number(integer);
        if (integer !== null && !Number.isSafeInteger(value)) exact.set(values.length, integer);
        values.push(value);
        isNull.push(integer === null ? 1 : 0);
      }
    },
    build() {
      const column = {
        name,
        type: 'integer',
        rows: values.length,
        values: values.array(),
        isNull: isNull.array(),
      } as const;
      return exact.size === 0 ? column : { ...column, exact };
    },
  };
}

function floatBuilder(name: string): ColumnBuilder {
  const values = new Growing((length) => new Float64Array(length));
  const isNull = new Growing((length) => new Uint8Array(length));
  return {
    append(vector) {
      if (!(vector instanceof DuckDBDoubleVector)) throw unexpected(vector);
      for (let i = 0; i < vector.itemCount; i += 1) {
        const value = vector.getItem(i) ?? Number.NaN;
        values.push(Number.isNaN(value) ? 0 : value);
        isNull.push(Number.isNaN(value) ? 1 : 0);
      }
    },
    build: () => ({ name, type: 'float', rows: values.length, values: values.array(), isNull: isNull.array() }),
  };
}

function booleanBuilder(name: string): ColumnBuilder {
  const values = new Growing((length) => new Uint8Array(length));
  const isNull = new Growing((length) => new Uint8Array(length));
  return {
    append(vector) {
      if (!(vector instanceof DuckDBBooleanVector)) throw unexpected(vector);
      for (let i = 0; i < vector.itemCount; i += 1) {
        const value = vector.getItem(i);
        values.push(value === true ? 1 : 0);
        isNull.push(value === null ? 1 : 0);
      }
    },
    build: () => ({ name, type: 'boolean', rows: values.length, values: values.array(), isNull: isNull.array() }),
  };
}

/** Microseconds come as TIMESTAMP, or as BIGINT where a zone was applied. */
function timestampBuilder(name: string, isDate: boolean): ColumnBuilder {
  const values = new Growing<bigint, BigInt64Array>((length) => new BigInt64Array(length));
  const isNull = new Growing((length) => new Uint8Array(length));
  return {
    append(vector) {
      if (!(vector instanceof DuckDBBigIntVector) && !(vector instanceof DuckDBTimestampVector))
        throw unexpected(vector);
      for (let i = 0; i < vector.itemCount; i += 1) {
        const item = vector.getItem(i);
        values.push(item === null ? 0n : typeof item === 'bigint' ? item : item.micros);
        isNull.push(item === null ? 1 : 0);
      }
    },
    build: () => ({
      name,
      type: 'timestamp',
      rows: values.length,
      values: values.array(),
      isNull: isNull.array(),
      isDate,
    }),
  };
}

/** U+0000 is removed: the wire loses it anyway, and the SDK counts texts up to it only (departure BUG-28). */
function textBuilder(name: string): ColumnBuilder {
  const places = new Map<string, number>();
  const dictionary: string[] = [];
  const indices = new Growing((length) => new Int32Array(length));
  const placeOf = (text: string): number => {
    const known = places.get(text);
    if (known !== undefined) return known;
    places.set(text, dictionary.length);
    return dictionary.push(text) - 1;
  };
  return {
    append(vector) {
      for (let i = 0; i < vector.itemCount; i += 1) {
        const text = vector.getItem(i) as string | null;
        indices.push(text === null ? -1 : placeOf(text.includes('\u0000') ? text.replaceAll('\u0000', '') : text));
      }
    },
    build: () => ({ name, type: 'text', rows: indices.length, dictionary, indices: indices.array() }),
  };
}

function unexpected(vector: DuckDBVector): Error {
  return new Error(`a column came as ${vector.type.toString()}, which was not asked for`);
}

type NumberArray = Float64Array | Uint8Array | Int32Array;

/** A typed array that doubles when it is full. */
class Growing<Item extends number | bigint, A extends NumberArray | BigInt64Array> {
  #items: A;
  #length = 0;
  readonly #make: (length: number) => A;

  constructor(make: (length: number) => A) {
    this.#make = make;
    this.#items = make(ROWS_AT_FIRST);
  }

  get length(): number {
    return this.#length;
  }

  push(item: Item): void {
    if (this.#length === this.#items.length) {
      const larger = this.#make(this.#length * 2);
      larger.set(this.#items as never);
      this.#items = larger;
    }
    this.#items[this.#length] = item as never;
    this.#length += 1;
  }

  array(): A {
    return this.#items.slice(0, this.#length) as A;
  }
}
