/** Before the first row is asked for: the metadata is whole, the settings fit it, the output can be written, what the rows are given is cut into chunks. */
import type { PreparedGeneration, PrepareGenerationInput } from '../activities/prepare-generation.js';
import { dataStep } from './steps.js';

/** @param mayHaveWritten the output may be there, by the job that this one goes on with: its bytes are compared at the end */
export async function checkGeneration(
  input: PrepareGenerationInput,
  mayHaveWritten: boolean,
): Promise<PreparedGeneration> {
  const { output } = input;
  return dataStep('check the metadata and the output').prepareGeneration({
    ...input,
    output: { ...output, overwrite: output.overwrite || mayHaveWritten },
  });
}
