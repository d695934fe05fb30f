/** What cells and seeds have found so far, for docs/reliability.md: `by` is how to see it again, `state` what became of it. */
export const FOUND = [
  {
    by: 'create / applied and lost / corrupted artifact (also truncated, broken)',
    what: 'The create took effect, its answer was lost, and its repeat cannot be sent: the job fails and does not say that a model may be left.',
    state: 'mended: it ends as creation_unknown, and says so (test/chaos/matrix.test.ts)',
  },
  {
    by: '--seed 102 --jobs 6',
    what: 'An item is cancelled while its table is read: its artifacts are removed first and written afterwards, and stay.',
    state: 'mended: a cancelled step is waited for before the artifacts are removed (test/e2e/lifecycle.test.ts)',
  },
];
