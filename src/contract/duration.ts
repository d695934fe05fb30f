/** Durations as people write them in files: one number, one unit. */
import { z } from 'zod';

export const durationSchema = z.string().regex(/^[1-9]\d{0,4}[smhdw]$/, 'a duration such as 90s, 10m, 24h, 7d or 2w');

const UNITS_MS = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;

/** Of a text that the schema takes. @unit milliseconds */
export function durationMsOf(text: string): number {
  return Number(text.slice(0, -1)) * UNITS_MS[text.at(-1) as keyof typeof UNITS_MS];
}

/** In the largest unit that leaves nothing over; `0s` for nothing. */
export function durationTextOf(ms: number): string {
  const [unit = 's', unitMs = 1_000] = Object.entries(UNITS_MS).find(([, size]) => ms > 0 && ms % size === 0) ?? [];
  return `${ms / unitMs}${unit}`;
}
