/**
 * Edges of the intervals of a binned column: quantiles of its values, at most 101 (data-plane 3.4.8). The quantile rule
 * is "closest observation" with NumPy's tie rule since 2.0.2; the order of the arithmetic is part of the result.
 */
const ORDER_STATISTICS = 1000;
const BINS_MAX = 100;
const LAST_EDGES_KEPT = BINS_MAX / 2;

/** @param sorted ascending, not empty. The edges lie within [min, max]. */
export function binEdges(sorted: Float64Array, min: number, max: number): number[] {
  const clipped = quantiles(sorted, ORDER_STATISTICS).map((value) => Math.min(Math.max(value, min), max));
  const distinct = distinctOf(clipped);
  return distinct.length <= BINS_MAX ? distinct : thinned(clipped);
}

/** Asks for more and more quantiles until they hold 101 distinct values: ties swallow some. */
function thinned(values: Float64Array): number[] {
  let edges: number[] = [];
  let steps = BINS_MAX;
  while (steps <= ORDER_STATISTICS) {
    edges = distinctOf(quantiles(values, steps));
    if (edges.length > BINS_MAX + 1) {
      return [...edges.slice(0, BINS_MAX + 1 - LAST_EDGES_KEPT), ...edges.slice(-LAST_EDGES_KEPT)];
    }
    if (edges.length === BINS_MAX + 1) return edges;
    steps += 1 + Math.max(0, BINS_MAX - edges.length);
  }
  return edges;
}

/** The closest observations at 0, 1/steps, ..., 1. */
function quantiles(sorted: Float64Array, steps: number): Float64Array {
  const step = 1 / steps;
  return Float64Array.from({ length: steps + 1 }, (_, i) => {
    const virtual = sorted.length * (i === steps ? 1 : i * step) - 1.5;
    const below = Math.floor(virtual);
    const index = virtual === below && below % 2 !== 0 ? below : below + 1;
    return sorted[Math.max(index, 0)]!;
  });
}

function distinctOf(sorted: Float64Array): number[] {
  return Array.from(sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]));
}
