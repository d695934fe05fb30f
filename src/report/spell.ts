/** Numbers and shares as the page spells them. */
import { formatInstant, US_PER_DAY } from '../table/date-parts.js';

/** Keeps a number and its unit, or its thousands, on one line. */
const NO_BREAK = '\u00a0';

/** `94.2 %`; what is little is not called nothing. An en dash where there is none. */
export function spellShare(share: number | null | undefined): string {
  if (share === null || share === undefined) return '–';
  return share > 0 && share < 0.0005 ? `under 0.1${NO_BREAK}%` : `${(share * 100).toFixed(1)}${NO_BREAK}%`;
}

/** A correlation or a distance: three decimals. */
export function spellDecimal(value: number | null): string {
  return value === null ? '–' : value.toFixed(3).replace('-', '−');
}

/** `1 234.5`; what is very large or small in powers of ten. */
export function spellNumber(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude >= 1e9 || magnitude < 1e-4)) return String(Number(value.toPrecision(6)));
  return Number(value.toPrecision(12)).toLocaleString('en-US', { maximumFractionDigits: 6 }).replaceAll(',', NO_BREAK);
}

/** @param instantUs microseconds since 1970 UTC */
export function spellInstant(instantUs: number): string {
  const instant = BigInt(Math.round(instantUs));
  return formatInstant(instant, instant % US_PER_DAY === 0n ? 'date' : 'seconds');
}

export function spellCount(count: number): string {
  return count.toLocaleString('en-US').replaceAll(',', NO_BREAK);
}

/** No longer than so many characters, the last one an ellipsis if any is cut. */
export function shorten(text: string, charactersMax: number): string {
  const characters = [...text];
  return characters.length <= charactersMax ? text : `${characters.slice(0, charactersMax - 1).join('')}…`;
}
