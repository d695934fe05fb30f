/** Counts what a file of tests compared, and says so in one line when it is done: a comparison of nothing passes too. */
import { afterAll } from '@jest/globals';

export type Tally = Record<string, number>;

/** @param counts name -> 0, in the order in which they are told */
export function tallyOf<Counts extends Tally>(subject: string, counts: Counts): Counts {
  afterAll(() => {
    const told = Object.entries(counts).map(([what, count]) => `${count.toLocaleString('en')} ${what}`);
    process.stderr.write(`${subject}: ${told.join(', ')}\n`);
  });
  return counts;
}
