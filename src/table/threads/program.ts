/**
 * What a thread of the table engine runs: one task after the other, each answered once. A thread keeps what it opened
 * (the encoder of columns, a reader of codes) until it is ended from outside.
 */
import { parentPort } from 'node:worker_threads';
import { InputError, type InputErrorCode } from '../../contract/input-error.js';
import type { ModelSettings } from '../../contract/requests.js';
import { buffersOf, type PlainColumn, type PlainTable } from '../column.js';
import { type DecodeOptions, decodePlain } from '../decode.js';
import { encodeGiven, type GivenColumn } from '../encode/given.js';
import { type EncoderImage, takeSeat } from '../encoder/encoder.js';
import { indexTexts } from '../packed-texts.js';
import { Random, type RandomState } from '../random.js';
import type { Analysis, ColumnStats, SubColumn } from '../stats.js';
import { generatedCodes } from '../wire/generated-codes.js';
import { type UploadSource, uploadBytes } from '../wire/upload-bytes.js';
import type { Part } from '../wire/upload-plan.js';
import { CodeFileReader, type CodePlace } from './code-file.js';
import { ColumnEncoder, type EncodedColumn, type EncodingTask } from './encode-columns.js';

export interface RenderingTask {
  readonly rows: number;
  readonly codeFile: string;
  readonly places: readonly CodePlace[];
  readonly subColumns: readonly SubColumn[];
  readonly model: ModelSettings;
  readonly image: EncoderImage;
  readonly seat: number;
}

export interface DecodingTask {
  /** The API's answer: JSON in UTF-8. */
  readonly answer: Uint8Array;
  readonly analysis: Analysis;
  readonly rows: number;
  readonly rareStrategy: DecodeOptions['rareStrategy'];
  readonly seed: number;
}

export interface GivenTask {
  readonly column: PlainColumn;
  readonly stats: ColumnStats;
  readonly isToImpute: boolean;
  readonly seed: number;
}

/** Question and answer, by the name of the task. */
export interface Tasks {
  openEncoding: { ask: EncodingTask; answer: undefined };
  encodeColumn: { ask: PlainColumn; answer: EncodedColumn };
  finishEncoding: {
    ask: { subColumns: readonly SubColumn[]; seats: number };
    answer: { image: EncoderImage; random: RandomState };
  };
  openRendering: { ask: RenderingTask; answer: undefined };
  /** The column comes back: its memory went with the question. */
  encodeGiven: { ask: GivenTask; answer: { column: PlainColumn; encoded: GivenColumn } };
  decode: { ask: DecodingTask; answer: PlainTable };
  render: { ask: { parts: readonly Part[]; random: RandomState }; answer: Uint8Array[] };
}

export type TaskName = keyof Tasks;
export type Question = { [Name in TaskName]: { task: Name; ask: Tasks[Name]['ask'] } }[TaskName];
/** An InputError would arrive as a bare Error: it is taken apart and made again. */
export type Reply =
  | { answer: Tasks[TaskName]['answer'] }
  | { refusal: { code: InputErrorCode; message: string; param: string | undefined } }
  | { error: unknown };

let encoder: ColumnEncoder | undefined;
let source: Omit<UploadSource, 'random'> | undefined;

function answer(question: Question): Tasks[TaskName]['answer'] {
  switch (question.task) {
    case 'openEncoding':
      encoder = new ColumnEncoder(question.ask);
      return undefined;
    case 'encodeColumn':
      return opened(encoder).encode(question.ask);
    case 'finishEncoding': {
      const finished = opened(encoder).finish(question.ask.subColumns, question.ask.seats);
      encoder = undefined;
      return finished;
    }
    case 'openRendering': {
      const { codeFile, rows, places, subColumns, model, image, seat } = question.ask;
      const reader = new CodeFileReader(codeFile, rows, places);
      const codesOf = (subColumn: number, firstRow: number, count: number) => reader.read(subColumn, firstRow, count);
      source = { subColumns, model, encoder: takeSeat(image, seat), codesOf };
      return undefined;
    }
    case 'encodeGiven': {
      const { column, stats, isToImpute, seed } = question.ask;
      const encodable = column.type === 'text rows' ? indexTexts(column) : column;
      return { column, encoded: encodeGiven(encodable, stats, { isToImpute, random: new Random(seed) }) };
    }
    case 'decode': {
      const { answer: bytes, analysis, rows, rareStrategy, seed } = question.ask;
      const { data } = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
      const codes = generatedCodes(data, analysis, rows);
      return decodePlain(codes, analysis, { rareStrategy, random: new Random(seed) });
    }
    case 'render':
      return [...uploadBytes(question.ask.parts, { ...opened(source), random: Random.from(question.ask.random) })];
  }
}

function opened<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Error('bug: a task came before what it needs was opened');
  return thing;
}

parentPort?.on('message', (question: Question) => {
  let reply: Reply;
  try {
    reply = { answer: answer(question) };
  } catch (error) {
    const isRefusal = error instanceof InputError;
    reply = isRefusal ? { refusal: { code: error.code, message: error.message, param: error.param } } : { error };
  }
  parentPort?.postMessage(reply, 'answer' in reply ? givenWith(reply.answer) : []);
});

/** Bytes and columns go to the one that asked, without a copy. */
function givenWith(answered: Tasks[TaskName]['answer']): ArrayBuffer[] {
  if (Array.isArray(answered)) return answered.map(({ buffer }) => buffer as ArrayBuffer);
  if (answered !== undefined && 'encoded' in answered) {
    const { column, encoded } = answered;
    return [...buffersOf(column), ...encoded.codes.map(([, codes]) => codes.buffer as ArrayBuffer)];
  }
  return answered !== undefined && 'columns' in answered ? answered.columns.flatMap(buffersOf) : [];
}
