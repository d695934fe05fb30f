/** What each number means and where its definition is from. The links are the page's only way out, and only if followed. */

import { markup, type Part } from './markup.js';
import { DISTANCE_ROWS_MAX } from './measure-distances.js';
import { PAIR_COLUMNS_MAX } from './measure-pairs.js';
import { ROWS_TOLD_MIN } from './measurements.js';
import { spellCount } from './spell.js';

const SDMETRICS = 'https://docs.sdv.dev/sdmetrics/data-metrics/quality/';
const MOSTLYAI_QA = 'https://github.com/mostly-ai/mostlyai-qa';

export function definitionSection(): Part {
  return markup`<section aria-labelledby="definitions"><h2 id="definitions">What the numbers mean</h2><dl class="definitions">
${entry('Score of numbers and dates', markup`One less the largest gap between the two cumulative distributions. ${sdmetrics('KSComplement')}. Text of more distinct values than can be counted one by one is compared the same way, by its lengths.`)}
${entry('Score of categories', markup`One less half the sum of the differences between the shares of each value. ${sdmetrics('TVComplement')}.`)}
${entry('Coverage', markup`How much of the real range lies within the synthetic one, ${sdmetrics('RangeCoverage')}; or the share of real values that occur in the synthetic column, ${sdmetrics('CategoryCoverage')}.`)}
${entry('Null similarity', markup`One less the difference between the shares of nulls. ${sdmetrics('MissingValueSimilarity')}. The other scores leave nulls out.`)}
${entry('Score of pairs', markup`Two columns of numbers or dates: one less half the difference of their correlations, ${sdmetrics('CorrelationSimilarity')}. Any other two: one less half the sum of the differences between the shares of each combination, numbers in ten bins of equal width, null a value, ${sdmetrics('ContingencySimilarity')}. At most ${PAIR_COLUMNS_MAX} columns are paired.`)}
${entry('Overall score', markup`The mean of the mean score of the columns and the mean score of the pairs, as the quality report of SDMetrics has it.`)}
${entry('Accuracy', markup`One less half the sum of the differences between the shares of about ten bins, null one of them, of one column or of two together; beside it what another sample of the real distribution, of the synthetic table’s size, would be expected to reach. ${link(MOSTLYAI_QA, 'mostlyai-qa')}.`)}
${entry('Distance to the closest record', markup`The mean over the columns of 0 or 1 for categories, and for numbers and dates of the difference as a share of the training rows’ range. ${link('https://docs.sdv.dev/sdmetrics/metrics/privacy-and-fairness-metrics/dcroverfittingprotection', 'SDMetrics, DCROverfittingProtection')}; a tie counts half, as in the DCR share of ${link(MOSTLYAI_QA, 'mostlyai-qa')}. At most ${spellCount(DISTANCE_ROWS_MAX)} rows of each table are looked at; every other number is of all rows.`)}
${entry('What is withheld', markup`A real value is shown only if at least ${ROWS_TOLD_MIN} rows hold it, a bin’s real share only if at least ${ROWS_TOLD_MIN} rows fall into it, and bounds are round numbers that leave out the outermost rows. The rest are shares and counts of all rows. Nothing on this page is differentially private.`)}
</dl></section>`;
}

function entry(term: string, definition: Part): Part {
  return markup`<dt>${term}</dt><dd>${definition}</dd>`;
}

function sdmetrics(metric: string): Part {
  return link(`${SDMETRICS}${metric.toLowerCase()}`, `SDMetrics, ${metric}`);
}

function link(url: string, text: string): Part {
  return markup`<a href="${url}" rel="noreferrer">${text}</a>`;
}
