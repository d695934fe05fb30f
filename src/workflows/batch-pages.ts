/**
 * The items to run, a page at a time: the page in hand, and the next one that is read ahead, so that the window does not
 * wait for it. Requests travel through history once, when they are read.
 */
import type { PlannedBatch } from '../activities/plan-batch.js';
import type { BatchItem } from '../contract/batch.js';
import { dataStep } from './steps.js';

export function openPages({ toRun, countToRun }: PlannedBatch) {
  let page: { from: number; items: BatchItem[] } = { from: 0, items: [] };
  let ahead: { from: number; items: Promise<BatchItem[]> } | undefined;

  const read = (from: number, count?: number): Promise<BatchItem[]> =>
    dataStep('read the next items').readBatchItems({ items: toRun, from, ...(count === undefined ? {} : { count }) });

  const readAhead = (from: number): void => {
    if (from >= countToRun) return;
    ahead = { from, items: read(from) };
    // A batch that ends meanwhile does not wait for it; one that goes on sees the error when it turns the page.
    ahead.items.catch(() => undefined);
  };

  return {
    /** The next item, asked for in order. */
    async itemAt(position: number): Promise<BatchItem> {
      const found = page.items[position - page.from];
      if (found !== undefined) return found;
      page = { from: position, items: await (ahead?.from === position ? ahead.items : read(position)) };
      readAhead(position + page.items.length);
      return page.items[0] as BatchItem;
    },

    /** A page that was turned is not turned back: another try reads its request anew. */
    async requestOf(position: number): Promise<BatchItem['request']> {
      const item = page.items[position - page.from] ?? (await read(position, 1))[0];
      return (item as BatchItem).request;
    },
  };
}
