/**
 * Progress on stderr: on a terminal one block that is drawn anew in place, elsewhere one line a change.
 */
import type { JobProgress } from '../client/job-handle.js';
import { columnsOf, openRedraw } from './redraw.js';
import { describeProgress, renderProgress } from './render-progress.js';
import { note } from './terminal.js';

export interface LiveBlock {
  show(progress: JobProgress): void;
  /** Instead of progress, for as long as there is none. */
  say(line: string): void;
}

export function openLiveBlock(stream: NodeJS.WriteStream = process.stderr): LiveBlock {
  return stream.isTTY ? redrawnBlock(stream) : changedLines();
}

function redrawnBlock(stream: NodeJS.WriteStream): LiveBlock {
  let latest: string[] = [];
  const draw = openRedraw(stream);
  return {
    show: (progress) => {
      latest = renderProgress(progress, Date.now(), columnsOf(stream));
      draw(latest);
    },
    say: (line) => draw([...latest, `        ${line}`.slice(0, columnsOf(stream) - 1)]),
  };
}

function changedLines(): LiveBlock {
  let last = '';
  const writeIfNew = (line: string): void => {
    if (line !== last) note(line);
    last = line;
  };
  return {
    // Why it failed is told after it, at length.
    show: (progress) => {
      if (progress.stage.stage !== 'failed') writeIfNew(describeProgress(progress));
    },
    say: writeIfNew,
  };
}
