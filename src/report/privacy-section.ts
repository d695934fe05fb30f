/** How near the synthetic rows are to real ones: exact copies, and the distance to the closest record against a holdout. */
import { distanceFigure } from './distance-figure.js';
import { markup, type Part } from './markup.js';
import type { CopyMeasures, DistanceMeasures, Measurements } from './measurements.js';
import { spellCount, spellDecimal, spellShare } from './spell.js';
import { headRow, scrollable } from './table-markup.js';

const PERCENTS_SHOWN = [0, 1, 5, 25, 50, 75, 95, 100];

export function privacySection({ copies, distances }: Measurements, seed: number): Part {
  return markup`<section aria-labelledby="privacy"><h2 id="privacy">Nearness to real rows</h2>
${copiesPart(copies, distances)}${distances === null ? '' : distancesPart(distances, seed)}</section>`;
}

function copiesPart({ syntheticShare, holdoutShare }: CopyMeasures, distances: DistanceMeasures | null): Part {
  const holdout = distances?.holdout === 'file' ? 'the holdout’s rows' : 'one half of the real rows';
  const training = distances?.holdout === 'file' ? 'a real row' : 'a row of the other half';
  const usual =
    holdoutShare === null
      ? ''
      : `Of ${holdout}, ${spellShare(holdoutShare)} equal ${training}: so often does it happen in this table anyway. `;
  return markup`<h3>Exact copies</h3><p><strong>${spellShare(syntheticShare)}</strong> of the synthetic rows equal a real row in every column that both tables have. ${usual}In a table of few columns with few values, copies are chance; where rows are hard to guess, one is a leak.</p>`;
}

function distancesPart(distances: DistanceMeasures, seed: number): Part {
  const { sampled, trainingShare } = distances;
  const rows = PERCENTS_SHOWN.map(
    (percent) =>
      markup`<tr><th scope="row">${percent} %</th><td>${spellDecimal(distances.syntheticToTraining[percent]!)}</td><td>${spellDecimal(distances.syntheticToHoldout[percent]!)}</td><td>${spellDecimal(distances.holdoutToTraining[percent]!)}</td></tr>`,
  );
  const head = headRow(['Rows', 'Synthetic to training', 'Synthetic to holdout', 'Holdout to training']);
  return markup`<h3>Distance to the closest record</h3>
<p><strong>${spellShare(trainingShare)}</strong> of the synthetic rows looked at are nearer to a training row than to a holdout row, a tie counting half; 50 % is even. Looked at: ${spellCount(sampled.synthetic)} synthetic, ${spellCount(sampled.training)} training and ${spellCount(sampled.holdout)} holdout rows, drawn with seed ${seed}.</p>
<p>${distances.holdout === 'file' ? fromFile() : fromSplit(seed)}</p>
<div class="distances"><figure>${distanceFigure(distances)}
<figcaption class="legend"><span><span class="stroke to-training"></span>synthetic to training</span><span><span class="stroke to-holdout"></span>synthetic to holdout</span><span><span class="stroke unseen"></span>holdout to training</span></figcaption></figure>
${scrollable('So many of the rows have a closest record within this distance, 0 to 1', markup`${head}<tbody>${rows}</tbody>`)}</div>`;
}

function fromFile(): string {
  return 'The holdout is the file that was given: real rows that the model has not seen. A model that keeps rows in memory comes nearer to its training rows than to them, so a share well above 50 % is a warning.';
}

function fromSplit(seed: number): string {
  return `No holdout was given, so chance divided the real table in halves (seed ${seed}): one is called training, the other holdout. The model has seen both, so this share stays near 50 % even if it keeps rows in memory. What can be read here is whether synthetic rows come nearer to real ones than real ones come to each other. To look for memorized rows, keep some rows from the job and give them as --holdout.`;
}
