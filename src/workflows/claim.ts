/** A claim (contract/claim.ts): that it was started is all there is to it. */
export async function claim(): Promise<void> {}
