/** What an operator's schedule does each night: whatever stopped jobs left behind is found and deleted. */
import { patiently } from './world.mjs';

/** @param id of the reap; @returns its report */
export async function reap({ client }, account, id) {
  const handle = await patiently(() => client.reap({ account }, { id }));
  return patiently(() => handle.result());
}
