/**
 * Progress on stderr: on a terminal one block that is drawn anew in place, elsewhere one line a change.
 */
import type { JobProgress } from '../client/job-handle.js';
import { describeProgress, renderProgress } from './render-progress.js';
import { note } from './terminal.js';

/** Width where the terminal does not say its own. */
const COLUMNS = 100;

export interface LiveBlock {
  show(progress: JobProgress): void;
  /** Instead of progress, for as long as there is none. */
  say(line: string): void;
}

export function openLiveBlock(stream: NodeJS.WriteStream = process.stderr): LiveBlock {
  return stream.isTTY ? redrawnBlock(stream) : changedLines();
}

function redrawnBlock(stream: NodeJS.WriteStream): LiveBlock {
  let drawn: string[] = [];
  let latest: string[] = [];
  const draw = (lines: string[]): void => {
    const up = drawn.length === 0 ? '' : `\x1b[${drawn.length}A`;
    stream.write(`${up}${lines.map((line) => `\x1b[2K${line}\n`).join('')}\x1b[0J`);
    drawn = lines;
  };
  return {
    show: (progress) => {
      latest = renderProgress(progress, Date.now(), stream.columns || COLUMNS);
      draw(latest);
    },
    say: (line) => draw([...latest, `        ${line}`.slice(0, (stream.columns || COLUMNS) - 1)]),
  };
}

function changedLines(): LiveBlock {
  let last = '';
  const writeIfNew = (line: string): void => {
    if (line !== last) note(line);
    last = line;
  };
  return { show: (progress) => writeIfNew(describeProgress(progress)), say: writeIfNew };
}
