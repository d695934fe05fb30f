/** Pairs of columns on the page: three matrices, the pairs least alike, and all pairs as a table. */
import { markup, type Part } from './markup.js';
import { matrixFigure } from './matrix-figure.js';
import type { Measurements, PairMeasures } from './measurements.js';
import { spellCount, spellDecimal, spellShare } from './spell.js';
import { headRow, scrollable } from './table-markup.js';

const LEAST_ALIKE = 10;
/** Most differences are small; so much has the colour of a correlation of 1. */
const DIFFERENCE_AT_FULL_COLOUR = 0.5;

export function pairSection({ byPair, pairedColumns, byColumn }: Measurements): Part {
  if (byPair.length === 0) return '';
  const byPlaces = new Map(byPair.map((pair) => [pair.places.join(), pair]));
  const matrix = (id: string, title: string, description: string, of: (pair: PairMeasures) => number | null) =>
    markup`<figure><figcaption>${title}</figcaption>${matrixFigure(
      { id, title: `Correlation matrix: ${title}`, description },
      pairedColumns.length,
      (first, second) => of(byPlaces.get(`${first},${second}`)!),
    )}</figure>`;
  const comparable = byColumn.filter(({ kind }) => kind !== 'text').length;
  const leftOut = comparable - pairedColumns.length;
  const notAll =
    leftOut > 0 ? `Of the first ${pairedColumns.length} columns; ${spellCount(leftOut)} more are in no pair. ` : '';
  const rows = (pairs: readonly PairMeasures[]) => pairs.map((pair) => pairRow(pair, pairedColumns));
  const head = headRow(['Pair', 'Score', 'Real', 'Synthetic', 'Accuracy', 'Accuracy expected'], 'Compared by');
  const least = byPair
    .filter(({ score }) => score !== null)
    .sort((a, b) => toDigits(a.score!) - toDigits(b.score!))
    .slice(0, LEAST_ALIKE);
  return markup`<section aria-labelledby="pairs"><h2 id="pairs">Pairs of columns</h2>
<p>${notAll}A cell is Pearson’s correlation of two columns of numbers or dates, else Cramér’s V of their bins, from 0 to 1. Texts take no part. A dashed cell has none: a column is constant. In the third matrix colour is full at a difference of ${DIFFERENCE_AT_FULL_COLOUR}.</p>
<p class="legend" aria-hidden="true"><span><span class="swatch negative"></span>−1</span><span><span class="swatch none"></span>0</span><span><span class="swatch positive"></span>+1</span></p>
<div class="matrices">${matrix('matrix-real', 'real', 'One cell for each two columns of the real table.', ({ association }) => association.real)}
${matrix('matrix-synthetic', 'synthetic', 'One cell for each two columns of the synthetic table.', ({ association }) => association.synthetic)}
${matrix('matrix-difference', 'difference, synthetic less real', 'The synthetic cell less the real one.', differenceOf)}
<div><h3>Columns by number</h3><ol class="key">${pairedColumns.map((name) => markup`<li><bdi>${name}</bdi></li>`)}</ol></div></div>
<h3>Pairs least alike</h3>${scrollable(`The ${least.length} pairs with the lowest score`, markup`${head}<tbody>${rows(least)}</tbody>`)}
<details><summary>All ${spellCount(byPair.length)} pairs</summary>${scrollable('Every pair of columns', markup`${head}<tbody>${rows(byPair)}</tbody>`)}</details></section>`;
}

/** Sums over threads differ in their last digits, and with them the order of equals would. */
function toDigits(score: number): number {
  return Math.round(score * 1e9);
}

/** As the matrix colours it. */
function differenceOf({ association: { real, synthetic } }: PairMeasures): number | null {
  return real === null || synthetic === null ? null : (synthetic - real) / DIFFERENCE_AT_FULL_COLOUR;
}

function pairRow({ places, score, metric, association, accuracy }: PairMeasures, names: readonly string[]): Part {
  const measure = metric === 'CorrelationSimilarity' ? 'correlation' : 'contingency';
  return markup`<tr><th scope="row"><bdi>${names[places[0]]!}</bdi> and <bdi>${names[places[1]]!}</bdi></th><td>${spellShare(score)}</td><td>${spellDecimal(association.real)}</td><td>${spellDecimal(association.synthetic)}</td><td>${spellShare(accuracy.value)}</td><td>${spellShare(accuracy.expected)}</td><td class="words">${measure}</td></tr>`;
}
