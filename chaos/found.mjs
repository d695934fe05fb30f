/**
 * What cells and seeds have found so far, for docs/reliability.md: `by` is how to see it again, `state` what became of it. `seed`: of six
 * jobs; it is run again with the tests.
 */
export const FOUND = [
  {
    by: 'create / applied and lost / corrupted artifact (also truncated, broken)',
    what: 'The create took effect, its answer was lost, and its repeat cannot be sent: the job fails and does not say that a model may be left.',
    state: 'mended: it ends as creation_unknown, and says so (test/chaos/matrix.test.ts)',
  },
  {
    by: '--seed 102',
    seed: 102,
    what: 'An item is cancelled while its table is read: its artifacts are removed first and written afterwards, and stay.',
    state: 'mended: a cancelled step is waited for before the artifacts are removed',
  },
  {
    by: '--seed 90001',
    what: 'A delete is answered 404, and the answer breaks off: it is taken for a final refusal, and the model, which is gone, for left over.',
    state: 'mended: half a refusal is no answer, and is asked for again (test/api/api-failures.test.ts)',
  },
  {
    by: '--seed 90001, on a busy machine',
    seed: 90001,
    what: 'A job is cancelled while its rows are on their way: they are stored after its artifacts were removed, and stay.',
    state: 'mended: a cancelled generation is waited for before the artifacts are removed',
  },
  {
    by: '--seed 10081, after a seed that used up the quota',
    what: 'Jobs fail for a quota that has been raised meanwhile: what a 402 said is believed while the rows that it leaves are reserved by others.',
    state:
      'as decided (docs/decisions/0014-rows-are-reserved.md): seeds of an installation now know what those before have taught it',
  },
  {
    by: '--seed 2007, 2081, 2189',
    seed: 2081,
    what: 'The worker is killed while it reads a table, and the job is cancelled: it ends as failed, for a step that stopped answering.',
    state: 'mended: it ends as cancelled',
  },
  {
    by: 'test/e2e/reap.test.ts, test/e2e/retry.test.ts',
    what: 'A job that ends as creation_unknown removes the body of the creation, so that neither a reap nor a retry can ask for its model.',
    state: 'mended: the body stays until a reap has settled it',
  },
  {
    by: 'a history recorded by test/e2e/key-lifetime.test.ts, and --seed 1148, 2008 --jobs 4',
    what: 'A query is answered between two workflow tasks after a kill, and an update or a signal follows: the history does not replay.',
    state:
      'mended: such a task is begun anew (docs/decisions/0016-queries-go-on-nothing.md, test/workflows/only-in-tasks.test.ts)',
  },
  {
    by: '--seed 1139 --jobs 4',
    what: 'A job asks the watch anew while the watch tells it the last word on its model, which was no longer so: it is taken off the list, and asks again only after 15 minutes.',
    state: 'mended: who asks anew stays on the list (test/workflows/waiters.test.ts)',
  },
];

export const FOUND_SEEDS = FOUND.flatMap(({ seed }) => (seed === undefined ? [] : [seed]));
