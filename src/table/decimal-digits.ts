/**
 * The decimal digits of a number at 10^18 down to 10^-8 (data-plane 3.4.2): those of the shortest decimal that reads
 * back as the same float64, later ones cut off. Most numbers are settled by arithmetic; only those with more than 15
 * significant digits or more than 8 decimals are printed.
 */
export const HIGHEST_EXPONENT = 18;
export const LOWEST_EXPONENT = -8;
export const DIGIT_COUNT = HIGHEST_EXPONENT - LOWEST_EXPONENT + 1;

/** Two different decimals of up to 15 digits are never the same float64, so a short one that matches is the shortest. */
const EXACT_BELOW = 1e15;

/**
 * Writes the 27 digits of |x| into `digits`, that of 10^18 first.
 * @returns whether a non-zero digit lies below 10^-8
 */
export function writeDigits(x: number, digits: Uint8Array): boolean {
  digits.fill(0);
  const magnitude = Math.abs(x);
  for (let decimals = 0; decimals <= -LOWEST_EXPONENT; decimals += 1) {
    const power = 10 ** decimals;
    const scaled = Math.round(magnitude * power);
    if (scaled >= EXACT_BELOW) break;
    if (scaled / power === magnitude) {
      writeInteger(scaled, HIGHEST_EXPONENT + decimals, digits);
      return false;
    }
  }
  return writePrinted(magnitude, digits);
}

/** The place of 10^exponent in the 27 digits. */
export function placeOf(exponent: number): number {
  return HIGHEST_EXPONENT - exponent;
}

/** Exponent of the first digit of a number, from its digits: floating logarithms err at powers of ten. 0 for 0. */
export function leadingExponent(x: number): number {
  return Number(Math.abs(x).toExponential().split('e')[1]);
}

function writeInteger(integer: number, lastPlace: number, digits: Uint8Array): void {
  let rest = integer;
  for (let place = lastPlace; rest > 0 && place >= 0; place -= 1) {
    const tenth = Math.floor(rest / 10);
    digits[place] = rest - tenth * 10;
    rest = tenth;
  }
}

function writePrinted(magnitude: number, digits: Uint8Array): boolean {
  const [mantissa, exponent] = magnitude.toExponential().split('e') as [string, string];
  const significant = mantissa.replace('.', '');
  const firstPlace = placeOf(Number(exponent));
  let hasMore = false;
  for (let i = 0; i < significant.length; i += 1) {
    const digit = significant.charCodeAt(i) - 48;
    const place = firstPlace + i;
    if (place >= DIGIT_COUNT) hasMore ||= digit > 0;
    else if (place >= 0) digits[place] = digit;
  }
  return hasMore;
}
