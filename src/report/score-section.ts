/** The answers in short, and the score of every column in one table. */
import { KIND_WORDS } from './column-section.js';
import { markup, type Part } from './markup.js';
import { type Accuracy, type ColumnMeasures, type Measurements, meanOf } from './measurements.js';
import { spellShare } from './spell.js';
import { headRow, scrollable } from './table-markup.js';

export function summarySection(measurements: Measurements): Part {
  const { overall, columns, pairs, accuracy, copies, distances } = measurements;
  return markup`<section aria-labelledby="summary"><h2 id="summary">In short</h2><dl class="cards">
${card('Overall score', spellShare(overall), 'The mean of columns and pairs. 100 % is the same distribution.')}
${card('Columns', spellShare(columns), 'How alike each column is, taken alone.')}
${card('Pairs', spellShare(pairs), 'How alike each two columns are, taken together.')}
${card('Accuracy', spellShare(overallAccuracy(accuracy)?.value), `Another sample of the real table would be expected to reach ${spellShare(overallAccuracy(accuracy)?.expected)}.`)}
${card('Exact copies', spellShare(copies.syntheticShare), 'Synthetic rows that equal a real row in every column.')}
${card('Nearer to training', spellShare(distances?.trainingShare), 'Synthetic rows nearer to a training row than to a holdout row. Even is 50\u00a0%.')}
</dl>${givenNote(measurements)}${namesNote('Only in the real table, so not compared', measurements.onlyReal)}${namesNote('Only in the synthetic table, so not compared', measurements.onlySynthetic)}</section>`;
}

function card(label: string, value: string, note: string): Part {
  return markup`<div><dt>${label}</dt><dd class="value">${value}</dd><dd class="note">${note}</dd></div>`;
}

function overallAccuracy({ univariate, bivariate }: Measurements['accuracy']): Accuracy | null {
  const value = meanOf([univariate?.value, bivariate?.value]);
  const expected = meanOf([univariate?.expected, bivariate?.expected]);
  return value === null || expected === null ? null : { value, expected };
}

function givenNote({ given }: Measurements): Part {
  const note = namesNote('Given by conditions, not judged', given);
  if (note === '') return '';
  return markup`${note}<p class="note">No score counts them; exact copies and distances are of whole rows. The other columns go with what was given: where it is spread otherwise than in the real table, so may they be.</p>`;
}

function namesNote(label: string, names: readonly string[]): Part {
  if (names.length === 0) return '';
  return markup`<p>${label}: ${names.map((name, i) => markup`${i === 0 ? '' : ', '}<bdi>${name}</bdi>`)}.</p>`;
}

/** @param idOf a column's section, if it has one */
export function scoreSection(byColumn: readonly ColumnMeasures[], idOf: (place: number) => string | undefined): Part {
  const rows = byColumn.map((measures, place) => {
    const id = idOf(place);
    const name = markup`<bdi>${measures.name}</bdi>`;
    return markup`<tr><th scope="row">${id === undefined ? name : markup`<a href="#${id}">${name}</a>`}</th>
<td>${scoreBar(measures.score)}${spellShare(measures.score)}</td><td>${spellShare(measures.coverage)}</td>
<td>${spellShare(measures.nulls.real)}</td><td>${spellShare(measures.nulls.synthetic)}</td><td>${spellShare(measures.nulls.similarity)}</td>
<td>${spellShare(measures.accuracy?.value)}</td><td>${spellShare(measures.accuracy?.expected)}</td><td class="words">${KIND_WORDS[measures.kind]}</td></tr>`;
  });
  const names = ['Column', 'Score', 'Coverage', 'Nulls real', 'Nulls synthetic', 'Null similarity'];
  return markup`<section aria-labelledby="scores"><h2 id="scores">Scores by column</h2>${scrollable(
    'Scores of each column, in the order of the real table',
    markup`${headRow([...names, 'Accuracy', 'Accuracy expected'], 'Compared as')}<tbody>${rows}</tbody>`,
  )}</section>`;
}

/** Beside the number, so it says nothing of its own. */
function scoreBar(score: number | null): Part {
  if (score === null) return '';
  return markup`<svg class="bar" viewBox="0 0 40 8" aria-hidden="true"><rect class="track" width="40" height="8"/><rect class="level" width="${Math.round(score * 40)}" height="8"/></svg>`;
}
