/**
 * CSV as RFC 4180 has it: commas, double quotes that are doubled inside, line ends of both kinds, a header. Small, since
 * a manifest is written by people and programs of ours; tables are read elsewhere.
 */
export interface CsvRecord {
  /** From 1: where the record begins. */
  line: number;
  cells: string[];
}

/** Lines with nothing on them are left out. @throws SyntaxError with the line of a quote that is never closed */
export function* csvRecords(text: string): Generator<CsvRecord> {
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const record: CsvRecord = { line, cells: [] };
    for (;;) {
      const cell = text[at] === '"' ? quotedCell(text, at, line) : plainCell(text, at);
      record.cells.push(cell.value);
      line += cell.lineBreaks;
      at = cell.end;
      if (text[at] !== ',') break;
      at += 1;
    }
    if (text[at] === '\r') at += 1;
    at += 1;
    line += 1;
    if (record.cells.length > 1 || record.cells[0] !== '') yield record;
  }
}

interface Cell {
  value: string;
  /** Where the comma, the line's end or the text's end stands. */
  end: number;
  lineBreaks: number;
}

function plainCell(text: string, start: number): Cell {
  let end = start;
  while (end < text.length && text[end] !== ',' && text[end] !== '\n' && !isLineEnd(text, end)) end += 1;
  return { value: text.slice(start, end), end, lineBreaks: 0 };
}

const isLineEnd = (text: string, at: number): boolean => text[at] === '\r' && (text[at + 1] ?? '\n') === '\n';

function quotedCell(text: string, start: number, line: number): Cell {
  let value = '';
  let from = start + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) throw new SyntaxError(`the quote that opens on line ${line} is never closed`);
    value += text.slice(from, quote);
    if (text[quote + 1] !== '"') {
      // What stands between a closing quote and the comma belongs to the cell, as spreadsheets read it.
      const rest = plainCell(text, quote + 1);
      return { value: value + rest.value, end: rest.end, lineBreaks: value.split('\n').length - 1 };
    }
    value += '"';
    from = quote + 2;
  }
}
