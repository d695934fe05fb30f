/** `dxo schema`: the published contract as JSON Schema: what a request may say, what a result holds, and all between. */
import { Argument, Command } from 'commander';
import { InvalidRequestError } from '../client/errors.js';
import { type JsonSchemaName, jsonSchemas } from '../contract/json-schemas.js';
import { WORKFLOW_TYPES, type WorkflowType } from '../contract/messages.js';
import { withExamples } from './command-options.js';
import { printJson } from './terminal.js';

/** What there is one of for each kind of job, and what there is one of. */
const OF_A_KIND = ['request', 'result'];
const SHORT_NAMES: Readonly<Record<string, JsonSchemaName>> = {
  status: 'job-status',
  'batch-status': 'batch-status',
  plan: 'job-plan',
  extend: 'extend-input',
  'set-priority': 'set-priority-input',
  'set-concurrency': 'set-concurrency-input',
  cancel: 'cancel-input',
  failure: 'failure-details',
  schedules: 'schedules',
};

export function schemaCommand(): Command {
  const command = new Command('schema')
    .description(
      'Print the JSON Schema of a request (as --request takes it), of a result, or of what is asked of a running job.',
    )
    .addArgument(new Argument('<what>').choices([...OF_A_KIND, ...Object.keys(SHORT_NAMES)]))
    .addArgument(
      new Argument('[kind]', 'of job, for a request or a result (default: synthesize)').choices(WORKFLOW_TYPES),
    )
    .action((what: string, kind?: WorkflowType) => printJson(jsonSchemas()[nameOf(what, kind)]));
  return withExamples(
    command,
    'dxo schema request',
    'dxo schema result train',
    'dxo schema failure',
    'dxo schema schedules > schedules.schema.json',
  );
}

/** @throws InvalidRequestError */
function nameOf(what: string, kind: WorkflowType | undefined): JsonSchemaName {
  const name = SHORT_NAMES[what];
  if (name === undefined) return `${kind ?? 'synthesize'}-${what}` as JsonSchemaName;
  if (kind === undefined) return name;
  throw new InvalidRequestError(`There is one schema of ${what} for all kinds: leave ${kind} out.`, ['kind']);
}
