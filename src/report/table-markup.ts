/** A table that scrolls in itself where it is wider than the page, by keyboard too. */
import { type Markup, markup, type Part } from './markup.js';

export function scrollable(caption: string, rows: Markup): Part {
  return markup`<div class="scroll" role="group" aria-label="${caption}" tabindex="0"><table><caption>${caption}</caption>${rows}</table></div>`;
}

/** A head row of column names; what is below `words`, the last one, is no number. */
export function headRow(names: readonly string[], words?: string): Part {
  const last = words === undefined ? '' : markup`<th scope="col" class="words">${words}</th>`;
  return markup`<thead><tr>${names.map((name) => markup`<th scope="col">${name}</th>`)}${last}</tr></thead>`;
}
