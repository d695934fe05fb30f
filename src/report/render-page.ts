/**
 * The whole page, in one file that fetches nothing: its policy allows no script, no image, no connection, and of styles only the
 * one it carries, by digest. Same measurements, same bytes.
 */
import { createHash } from 'node:crypto';
import { columnSection } from './column-section.js';
import { definitionSection } from './definition-section.js';
import { Markup, markup } from './markup.js';
import type { Measurements } from './measurements.js';
import { PAGE_STYLE } from './page-style.js';
import { pairSection } from './pair-section.js';
import { privacySection } from './privacy-section.js';
import { scoreSection, summarySection } from './score-section.js';
import { spellCount } from './spell.js';

/** Columns that get a picture: the page stays one that a browser opens. */
const COLUMNS_DRAWN_MAX = 200;

export interface PageText {
  /** Names of the files, as the page calls them. */
  real: string;
  synthetic: string;
  holdout?: string;
  seed: number;
}

export function renderPage(measurements: Measurements, { real, synthetic, holdout, seed }: PageText): string {
  const { byColumn, given, rows } = measurements;
  const idOf = (place: number) => (place < COLUMNS_DRAWN_MAX ? `column-${place + 1}` : undefined);
  const drawn = byColumn.slice(0, COLUMNS_DRAWN_MAX);
  const digest = createHash('sha256').update(PAGE_STYLE).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`;
  const notDrawn =
    drawn.length === byColumn.length ? '' : markup`<p>The first ${spellCount(drawn.length)} columns are drawn.</p>`;
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer"><title>${synthetic} beside ${real}</title><style>${new Markup(PAGE_STYLE)}</style></head>
<body><a class="skip" href="#summary">To the summary</a>
<header><h1>How close the synthetic table is to the real one</h1>
<p class="facts">Real: <bdi>${real}</bdi>, ${spellCount(rows.real)} rows. Synthetic: <bdi>${synthetic}</bdi>, ${spellCount(rows.synthetic)} rows. ${holdout === undefined ? 'No holdout' : markup`Holdout: <bdi>${holdout}</bdi>`}. Columns compared: ${spellCount(byColumn.length)}${given.length === 0 ? '' : `, given: ${spellCount(given.length)}`}.</p></header>
<main>${summarySection(measurements)}${scoreSection(byColumn, idOf)}
<section aria-labelledby="columns"><h2 id="columns">Columns</h2>
<p class="legend"><span><span class="swatch real"></span>real, filled</span><span><span class="swatch outline"></span>synthetic, outlined</span></p>${notDrawn}
<div class="columns">${drawn.map((measures, place) => columnSection(measures, idOf(place)!))}</div></section>
${pairSection(measurements)}${privacySection(measurements, seed)}${definitionSection()}</main>
<footer>Made by <code>dxo report</code>. A first look: whether the synthetic table serves its purpose, and whom it may be shown to, is for people to judge.</footer></body></html>
`.text;
}
