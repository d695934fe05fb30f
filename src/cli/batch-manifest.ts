/** A manifest read on this machine, the way a worker would: for what is wrong with it, and for what it costs. */
import { readManifest } from '../activities/plan-batch.js';
import { InvalidRequestError } from '../client/errors.js';
import type { BatchItem, BatchRequest } from '../contract/batch.js';
import { pathOf } from './check-input.js';

/** As many as a worker tells. */
const FAULTS_SHOWN = 50;

/** @throws InvalidRequestError that lists the faults, each with its line; InputError for a file that cannot be read */
export async function itemsOf(request: BatchRequest): Promise<BatchItem[]> {
  const { uri } = request.manifest;
  const { items, faults } = await readManifest(
    request,
    { readRoots: [pathOf(uri)], writeRoots: [] },
    { scheduledAt: new Date() },
  );
  if (faults.length === 0) return items;
  const lines = faults.slice(0, FAULTS_SHOWN).map(({ line, message }) => `  line ${line}: ${message}`);
  if (faults.length > FAULTS_SHOWN) lines.push(`  and ${faults.length - FAULTS_SHOWN} more`);
  throw new InvalidRequestError(
    [`${pathOf(uri)} has ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}:`, ...lines].join('\n'),
    ['manifest.uri'],
  );
}
