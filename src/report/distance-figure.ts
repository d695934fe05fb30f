/** Distances to the closest record as curves: how many rows, upward, have one so close, rightward. Each has a dash of its own. */
import { round } from './column-figures.js';
import { markup, type Part } from './markup.js';
import type { DistanceMeasures } from './measurements.js';
import { spellDecimal } from './spell.js';

const WIDTH = 320;
const HEIGHT = 150;
const TOP = 6;
const AXIS_HEIGHT = 20;

export function distanceFigure({ syntheticToTraining, syntheticToHoldout, holdoutToTraining }: DistanceMeasures): Part {
  const farthest = Math.max(
    1e-9,
    ...[syntheticToTraining, syntheticToHoldout, holdoutToTraining].map((far) => far.at(-1)!),
  );
  const bottom = TOP + HEIGHT;
  const curve = (quantiles: Float64Array) =>
    Array.from(quantiles, (distance, percent) => {
      const x = round((distance / farthest) * WIDTH);
      return `${percent === 0 ? 'M' : 'L'}${x} ${round(bottom - (percent / (quantiles.length - 1)) * HEIGHT)}`;
    }).join('');
  return markup`<svg viewBox="0 0 ${WIDTH} ${bottom + AXIS_HEIGHT}" role="img" aria-labelledby="distances-title distances-desc">
<title id="distances-title">Distance to the closest record</title>
<desc id="distances-desc">Three rising curves of the share of rows within a distance, from 0 to ${spellDecimal(farthest)}: synthetic rows to training rows, synthetic rows to holdout rows, holdout rows to training rows. The numbers are in the table below.</desc>
<path class="curve unseen" d="${curve(holdoutToTraining)}"/><path class="curve to-holdout" d="${curve(syntheticToHoldout)}"/><path class="curve to-training" d="${curve(syntheticToTraining)}"/>
<line class="axis" x1="0" x2="${WIDTH}" y1="${bottom}" y2="${bottom}"/>
<text class="muted" x="0" y="${TOP + 8}">100 % of the rows</text><text x="0" y="${bottom + 15}">0</text><text x="${WIDTH / 2}" y="${bottom + 15}" text-anchor="middle">distance</text><text x="${WIDTH}" y="${bottom + 15}" text-anchor="end">${spellDecimal(farthest)}</text></svg>`;
}
