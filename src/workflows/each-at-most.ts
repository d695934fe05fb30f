import type { CancellationScope } from '@temporalio/workflow';

/**
 * Runs `work` for all items in order, at most `count` at once. The first failure cancels what else is under way in the
 * scope and is thrown when all of it has ended: nothing may still be asked for while a model is being deleted.
 */
export async function eachAtMost<T>(
  scope: CancellationScope,
  count: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failure: { error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    while (next < items.length && failure === undefined) {
      const item = items[next] as T;
      next += 1;
      await work(item).catch((error: unknown) => {
        failure ??= { error };
        scope.cancel();
      });
    }
  };
  await scope.run(() => Promise.all(Array.from({ length: Math.min(count, items.length) }, lane)));
  if (failure !== undefined) throw failure.error;
}
