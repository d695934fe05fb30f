/**
 * Runs work that a cancel may not cut at once: a model may have been created although the answer is still on its way,
 * and a cancel in back-off would lose its id (measured: gone after 52 ms). After a cancel the work gets `graceMs` more;
 * only then is it cancelled itself. Work that has not begun is cancelled at once.
 */
import { CancellationScope, sleep } from '@temporalio/workflow';

export async function shielded<T>(work: () => Promise<T>, graceMs: number): Promise<T> {
  const outer = CancellationScope.current();
  if (outer.consideredCancelled) await outer.cancelRequested;
  return CancellationScope.nonCancellable(async () => {
    const inner = new CancellationScope();
    const grace = new CancellationScope();
    outer.cancelRequested.catch(() =>
      grace
        .run(() => sleep(graceMs, { summary: 'the cancel waits for the creation to answer' }))
        .then(() => inner.cancel())
        .catch(() => undefined),
    );
    try {
      return await inner.run(work);
    } finally {
      grace.cancel();
    }
  });
}
