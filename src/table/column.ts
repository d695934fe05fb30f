/**
 * A table in memory: columns of equal length, each in the plainest array that holds its type.
 * Read once, analysed, encoded and dropped; decoding makes new ones. Null is told apart by `isNull` (1 = null),
 * whose value slot then holds 0, or by index -1 in text.
 */
export type Column = IntegerColumn | FloatColumn | BooleanColumn | TimestampColumn | TextColumn;

/** What can be analyzed and encoded: the same, and text too varied to be held as JavaScript strings. */
export type EncodableColumn = Exclude<Column, TextColumn> | TextColumn<Texts>;

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
/** Texts found by place: an array of strings, or packed bytes (packed-texts.ts). */
export interface Texts extends Iterable<string> {
  readonly length: number;
  at(place: number): string | undefined;
}
export interface TextColumn<Dictionary extends Texts = readonly string[]> extends ColumnBase {
  readonly type: 'text';
  /** Distinct texts in order of first appearance. U+0000 is removed on reading (data-plane BUG-28). */
  readonly dictionary: Dictionary;
  /** Row -> place in the dictionary, -1 for null. */
  readonly indices: Int32Array;
}

/** Every row's own text in UTF-8: as it comes from a file, or from characters that were decoded. */
export interface TextRows {
  readonly name: string;
  readonly type: 'text rows';
  readonly rows: number;
  readonly bytes: Uint8Array;
  /** Row -> where its text ends; it begins where the one before ends. */
  readonly ends: Uint32Array;
  readonly isNull: Uint8Array;
}

/** A column whose texts are not told apart yet: in this form one goes from file to thread and from thread to file. */
export type PlainColumn = Column | TextRows;

export interface PlainTable {
  readonly rows: number;
  readonly columns: readonly PlainColumn[];
}

/** The memory of a column, which goes with it to another thread. */
export function buffersOf(column: PlainColumn): ArrayBuffer[] {
  const arrays = Object.values(column).filter((part) => ArrayBuffer.isView(part));
  return arrays.map(({ buffer }) => buffer as ArrayBuffer);
}

/** The text of a row, null where there is none. */
export function textOfRow({ bytes, ends, isNull }: TextRows, row: number): string | null {
  if (isNull[row] === 1) return null;
  return Buffer.from(bytes.buffer, bytes.byteOffset).toString('utf8', row === 0 ? 0 : ends[row - 1]!, ends[row]!);
}

export interface Table {
  readonly rows: number;
  readonly columns: readonly Column[];
}
