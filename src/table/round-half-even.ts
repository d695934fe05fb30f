/** Banker's rounding, as Python and NumPy round: 0.5 -> 0, 1.5 -> 2, 2.5 -> 2. `Math.round` is wrong for halves. */
export function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const over = x - below;
  if (over !== 0.5) return over < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
