/**
 * The picture of a column: real filled, synthetic as an outline over it, so that the two are told apart without their colours. 320
 * units wide, as narrow as a phone. The table beside it says the same in numbers.
 */
import { markup, type Part } from './markup.js';
import type { Bars, BarValue, Histogram } from './measurements.js';
import { shorten, spellCount, spellShare } from './spell.js';

const WIDTH = 320;
const PLOT_HEIGHT = 120;
/** Room for the label of the highest bin. */
const PLOT_TOP = 18;
const AXIS_HEIGHT = 20;
/** One category: its label, then two bars. */
const BAR_STEP = 34;
const BAR_HEIGHT = 7;
const LABEL_CHARACTERS_MAX = 28;

type Bin = Histogram['bins'][number];

/** @param spell a bound of a bin */
export function histogramFigure(id: string, name: string, { bins }: Histogram, spell: (bound: number) => string): Part {
  const highest = Math.max(1e-9, ...bins.flatMap(({ real, synthetic }) => [real ?? 0, synthetic]));
  const width = WIDTH / bins.length;
  const bottom = PLOT_TOP + PLOT_HEIGHT;
  const y = (share: number) => round(bottom - (share / highest) * PLOT_HEIGHT);
  const bars = bins.map(({ real }, i) => {
    const top = y(real ?? 0);
    return markup`<rect class="real" x="${round(i * width)}" y="${top}" width="${round(width)}" height="${round(bottom - top)}"/>`;
  });
  const outline = bins.map(({ synthetic }, i) => `V${y(synthetic)}H${round((i + 1) * width)}`).join('');
  return markup`<svg viewBox="0 0 ${WIDTH} ${bottom + AXIS_HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">Histogram of ${name}, real and synthetic</title>
<desc id="${id}-desc">Real values as filled bars, synthetic ones as a line over them, from ${spellBin(bins[0]!, spell)} to ${spellBin(bins.at(-1)!, spell)}; the highest bin holds ${spellShare(highest)} of the values. The numbers are in the table below.</desc>
${bars}<path class="synthetic" d="M0 ${bottom}${outline}V${bottom}"/>
<line class="axis" x1="0" x2="${WIDTH}" y1="${bottom}" y2="${bottom}"/>
<text class="muted" x="0" y="11">highest bin ${spellShare(highest)}</text>${axisLabels(bins, spell)}</svg>`;
}

/** `under 10`, `10 to 20`, `20 and more`. */
export function spellBin({ from, to }: Bin, spell: (bound: number) => string): string {
  if (from === undefined) return `under ${spell(to!)}`;
  return to === undefined ? `${spell(from)} and more` : `${spell(from)} to ${spell(to)}`;
}

/** The lowest, a middle and the highest bound, each under its bin's edge. */
function axisLabels(bins: readonly Bin[], spell: (bound: number) => string): Part {
  const edges = bins.flatMap(({ from }, i) => (from === undefined ? [] : [{ bound: from, place: i }]));
  if (bins.at(-1)!.to !== undefined) edges.push({ bound: bins.at(-1)!.to!, place: bins.length });
  const shown = [edges[0]!, edges[Math.floor(edges.length / 2)]!, edges.at(-1)!];
  return [...new Set(shown)].map(({ bound, place }) => {
    const x = (place / bins.length) * WIDTH;
    const anchor = x < WIDTH / 4 ? 'start' : x > (WIDTH * 3) / 4 ? 'end' : 'middle';
    return markup`<text x="${round(x)}" y="${PLOT_TOP + PLOT_HEIGHT + 15}" text-anchor="${anchor}">${spell(bound)}</text>`;
  });
}

export function barsFigure(id: string, name: string, { bars }: Bars): Part {
  const highest = Math.max(1e-9, ...bars.flatMap(({ real, synthetic }) => [real, synthetic]));
  const length = (share: number) => round((share / highest) * (WIDTH - 2) + 1);
  const drawn = bars.map(({ value, real, synthetic }, i) => {
    const top = i * BAR_STEP;
    const label = shorten(spellBarValue(value), LABEL_CHARACTERS_MAX);
    return markup`<text class="${value.is}" x="0" y="${top + 12}">${label}</text><text x="${WIDTH}" y="${top + 12}" text-anchor="end">${spellShare(real)} | ${spellShare(synthetic)}</text>
<rect class="real" x="0" y="${top + 16}" width="${length(real)}" height="${BAR_HEIGHT}"/><rect class="synthetic" x="1" y="${top + 17 + BAR_HEIGHT}" width="${length(synthetic)}" height="${BAR_HEIGHT - 2}"/>`;
  });
  return markup`<svg viewBox="0 0 ${WIDTH} ${bars.length * BAR_STEP}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">Shares of the values of ${name}, real and synthetic</title>
<desc id="${id}-desc">Two bars for each of ${bars.length} values: the real share filled, the synthetic one outlined. The numbers are in the table below.</desc>
${drawn}</svg>`;
}

export function spellBarValue(value: BarValue): string {
  switch (value.is) {
    case 'value':
      return value.text === '' ? '(empty text)' : value.text;
    case 'others':
      return value.distinct === 1 ? '(1 other value)' : `(${spellCount(value.distinct)} other values)`;
    case 'null':
      return '(null)';
  }
}

/** To hundredths of a unit: the page stays small. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
