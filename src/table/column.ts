/**
 * A table in memory: columns of equal length, each in the plainest array that holds its type.
 * Read once, analysed, encoded and dropped; decoding makes new ones. Null is told apart by `isNull` (1 = null),
 * whose value slot then holds 0, or by index -1 in text.
 */
export type Column = IntegerColumn | FloatColumn | BooleanColumn | TimestampColumn | TextColumn;

interface ColumnBase {
  readonly name: string;
  readonly rows: number;
}
export interface IntegerColumn extends ColumnBase {
  readonly type: 'integer';
  /** The nearest float64 of each integer. */
  readonly values: Float64Array;
  readonly isNull: Uint8Array;
  /** Row -> exact integer, only for those beyond +/-2^53. */
  readonly exact?: ReadonlyMap<number, bigint>;
}
export interface FloatColumn extends ColumnBase {
  readonly type: 'float';
  readonly values: Float64Array;
  /** NaN is null; infinities are values. */
  readonly isNull: Uint8Array;
}
export interface BooleanColumn extends ColumnBase {
  readonly type: 'boolean';
  readonly values: Uint8Array;
  readonly isNull: Uint8Array;
}
export interface TimestampColumn extends ColumnBase {
  readonly type: 'timestamp';
  /** Microseconds since 1970-01-01T00:00 UTC. */
  readonly values: BigInt64Array;
  readonly isNull: Uint8Array;
  /** The source held dates without a time of day: written back as dates. */
  readonly isDate: boolean;
}
export interface TextColumn extends ColumnBase {
  readonly type: 'text';
  /** Distinct texts in order of first appearance. U+0000 is removed on reading (data-plane BUG-28). */
  readonly dictionary: readonly string[];
  /** Row -> place in the dictionary, -1 for null. */
  readonly indices: Int32Array;
}

export interface Table {
  readonly rows: number;
  readonly columns: readonly Column[];
}
