/** One column on the page: its picture, what is told of it in a sentence, and the picture's numbers as a table. */
import { barsFigure, histogramFigure, spellBarValue, spellBin } from './column-figures.js';
import { markup, type Part } from './markup.js';
import { type Bars, type ColumnMeasures, type Histogram, ROWS_TOLD_MIN } from './measurements.js';
import { spellCount, spellInstant, spellNumber, spellShare } from './spell.js';
import { headRow, scrollable } from './table-markup.js';

export const KIND_WORDS: Record<ColumnMeasures['kind'], string> = {
  number: 'numbers',
  date: 'dates',
  category: 'categories',
  text: 'texts, by length',
};

export function columnSection(measures: ColumnMeasures, id: string): Part {
  const { name, kind, score, nulls, picture } = measures;
  return markup`<section class="column" aria-labelledby="${id}">
<h3 id="${id}"><bdi>${name}</bdi></h3>
<p>${KIND_WORDS[kind]} · score <strong>${spellShare(score)}</strong> · nulls ${spellShare(nulls.real)} real, ${spellShare(nulls.synthetic)} synthetic${rangePart(measures)}</p>
${picture === undefined ? withheld() : picture.shape === 'bars' ? barsPart(id, name, picture) : histogramPart(id, measures, picture)}
</section>`;
}

function withheld(): Part {
  return markup`<p class="note">The real column holds so few values that nothing of them is shown.</p>`;
}

/** @returns how a bound of the histogram is spelt */
function spellOf({ kind }: ColumnMeasures): (bound: number) => string {
  return kind === 'date' ? spellInstant : spellNumber;
}

function rangePart(measures: ColumnMeasures): Part {
  const spell = spellOf(measures);
  const { real, synthetic } = measures.ranges;
  if (real === undefined || synthetic === undefined) return '';
  const [ofReal, ofSynthetic] = [real, synthetic].map((range) => range.map(spell).join(' to '));
  if (ofReal === ofSynthetic) return ` · about ${ofReal!} in both`;
  return ` · about ${ofReal!} real, ${ofSynthetic!} synthetic`;
}

function histogramPart(id: string, measures: ColumnMeasures, picture: Histogram): Part {
  const spell = spellOf(measures);
  const unit = measures.kind === 'text' ? 'Characters' : 'Values';
  const rows = picture.bins.map((bin) => {
    const real = bin.real === null ? `under ${ROWS_TOLD_MIN} rows` : spellShare(bin.real);
    return markup`<tr><th scope="row">${spellBin(bin, spell)}</th><td>${real}</td><td>${spellShare(bin.synthetic)}</td></tr>`;
  });
  const caption = `Shares of the non-null values of ${measures.name}; an upper bound is not in its bin`;
  return markup`${histogramFigure(id, measures.name, picture, spell)}${numbersOf(caption, unit, rows)}`;
}

function barsPart(id: string, name: string, picture: Bars): Part {
  const rows = picture.bars.map(({ value, real, synthetic }) => {
    return markup`<tr><th scope="row"><bdi>${spellBarValue(value)}</bdi></th><td>${spellShare(real)}</td><td>${spellShare(synthetic)}</td></tr>`;
  });
  const caption = `Shares of the rows by value of ${name}`;
  return markup`${barsFigure(id, name, picture)}${numbersOf(caption, 'Value', rows)}`;
}

function numbersOf(caption: string, what: string, rows: readonly Part[]): Part {
  return markup`<details><summary>The numbers (${spellCount(rows.length)} rows)</summary>${scrollable(
    caption,
    markup`${headRow([what, 'Real', 'Synthetic'])}<tbody>${rows}</tbody>`,
  )}</details>`;
}
