/**
 * How Python writes a float: the spelling of every float category, so that a vocabulary is the one the SDK would send
 * (data-plane appendix C). The digits are the shortest that read back as the same float64, as JavaScript prints them.
 */

/** `1.0`, `0.0001`, `1e-05`, `1e+16`, `-0.0`, `inf`, `-inf`, `nan`. */
export function pythonFloat(x: number): string {
  if (Number.isNaN(x)) return 'nan';
  if (!Number.isFinite(x)) return x > 0 ? 'inf' : '-inf';
  if (Object.is(x, -0)) return '-0.0';
  const magnitude = Math.abs(x);
  if (x === 0 || (magnitude >= 1e-4 && magnitude < 1e16)) {
    const positional = String(x);
    return positional.includes('.') ? positional : `${positional}.0`;
  }
  const [mantissa, exponent] = x.toExponential().split('e') as [string, string];
  return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}
