/** The workflows that a worker bundles. Their names are a published contract (contract/messages.ts). */
export { batch } from './batch.js';
export { budget } from './budget.js';
export { claim } from './claim.js';
export { generate } from './generate.js';
export { reap } from './reap.js';
export { synthesize } from './synthesize.js';
export { train } from './train.js';
export { watch } from './watch.js';
