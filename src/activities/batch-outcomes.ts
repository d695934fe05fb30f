/**
 * What the items of a batch came to, as artifacts: each has some outcomes and names the one before it. The batch keeps
 * the newest reference only, so that neither its state nor its history grows with the number of items; a retry goes on
 * from where the batch before it ended.
 */
import type { ArtifactStore } from '../artifacts/artifact-store.js';
import type { ArtifactRef } from '../contract/artifact.js';
import type { ItemOutcome } from '../contract/batch-results.js';

interface Link {
  previous?: ArtifactRef | undefined;
  outcomes: ItemOutcome[];
}

/** Far above what a batch records at once (workflows/batch-ledger.ts). */
const LINK_BYTES_MAX = 16 * 1024 * 1024;

export async function addOutcomes(
  artifacts: ArtifactStore,
  group: string,
  previous: ArtifactRef | undefined,
  outcomes: readonly ItemOutcome[],
): Promise<ArtifactRef> {
  const link = { ...(previous === undefined ? {} : { previous }), outcomes };
  return artifacts.write(group, 'outcomes.json', [Buffer.from(JSON.stringify(link))]);
}

/** By the item's index; of several outcomes of one item the newest. */
export async function readOutcomes(
  artifacts: ArtifactStore,
  newest: ArtifactRef | undefined,
): Promise<Map<number, ItemOutcome>> {
  const outcomes = new Map<number, ItemOutcome>();
  for (let ref = newest; ref !== undefined; ) {
    const link = JSON.parse(Buffer.from(await artifacts.readAll(ref, LINK_BYTES_MAX)).toString('utf8')) as Link;
    for (const outcome of link.outcomes) if (!outcomes.has(outcome.index)) outcomes.set(outcome.index, outcome);
    ref = link.previous;
  }
  return outcomes;
}
