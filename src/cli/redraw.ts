/** Lines of a terminal that are drawn anew in place. A line that wraps could not be: who draws cuts to `columnsOf`. */

/** Width where the terminal does not say its own. */
const COLUMNS = 100;

export const columnsOf = (stream: NodeJS.WriteStream): number => stream.columns || COLUMNS;

/** @returns draws the lines over those before */
export function openRedraw(stream: NodeJS.WriteStream): (lines: readonly string[]) => void {
  let drawn = 0;
  return (lines) => {
    const up = drawn === 0 ? '' : `\x1b[${drawn}A`;
    stream.write(`${up}${lines.map((line) => `\x1b[2K${line}\n`).join('')}\x1b[0J`);
    drawn = lines.length;
  };
}
