/** What a finished job says: where the output is, what the training came to, what it cost. */
import type { GenerateResult, SynthesizeResult, TrainingResult, TrainResult } from '../contract/results.js';
import { describeBytes, describeDuration, note, print } from './terminal.js';

export function printResult(result: SynthesizeResult | TrainResult | GenerateResult): void {
  const lines: string[] = [];
  if ('output' in result) {
    const { uri, rows, bytes } = result.output;
    lines.push(`output    ${uri}`, `rows      ${rows} (${describeBytes(bytes)})`);
  }
  if ('report' in result && result.report !== undefined) {
    const { uri, overall } = result.report;
    lines.push(`report    ${uri}${overall === null ? '' : ` (overall score ${(overall * 100).toFixed(1)} %)`}`);
  }
  if ('training' in result) lines.push(`training  ${describeTraining(result.training)}`);
  if ('model' in result) lines.push(`model     ${result.model.id}, ${result.model.kept ? 'kept' : 'deleted'}`);
  else lines.push(`model     ${result.trained.modelId}, kept, trained on ${result.trained.rows} rows`);
  lines.push(`requests  ${result.requests}`);
  print(lines.join('\n'));
  for (const warning of result.warnings) note(`warning: ${warning}`);
}

function describeTraining({
  epochs,
  trainLoss,
  validationLoss,
  earlyStopped,
  durationSeconds,
}: TrainingResult): string {
  const parts = [
    epochs === undefined ? undefined : `${epochs} epochs${earlyStopped ? ' (stopped early)' : ''}`,
    trainLoss === undefined ? undefined : `loss ${trainLoss.toFixed(4)}`,
    validationLoss === undefined ? undefined : `validation loss ${validationLoss.toFixed(4)}`,
    durationSeconds === undefined ? undefined : describeDuration(durationSeconds * 1_000),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? 'done' : parts.join(', ');
}
