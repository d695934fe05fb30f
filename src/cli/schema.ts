/** `dxo schema`: what a request may say and what a result holds, as JSON Schema. */
import { Argument, Command } from 'commander';
import { z } from 'zod';
import { REQUEST_SCHEMAS } from '../contract/requests.js';
import { generateResultSchema, synthesizeResultSchema, trainResultSchema } from '../contract/results.js';
import { withExamples } from './command-options.js';
import { printJson } from './terminal.js';

const RESULT_SCHEMAS = {
  synthesize: synthesizeResultSchema,
  train: trainResultSchema,
  generate: generateResultSchema,
} as const;
const SCHEMAS = { request: REQUEST_SCHEMAS, result: RESULT_SCHEMAS } as const;

export function schemaCommand(): Command {
  const command = new Command('schema')
    .description('Print the JSON Schema of a request (as --request takes it) or of a result.')
    .addArgument(new Argument('<what>').choices(Object.keys(SCHEMAS)))
    .addArgument(new Argument('[kind]', 'of job').choices(Object.keys(REQUEST_SCHEMAS)).default('synthesize'))
    .action((what: keyof typeof SCHEMAS, kind: keyof typeof REQUEST_SCHEMAS) =>
      printJson(z.toJSONSchema(SCHEMAS[what][kind], { io: what === 'request' ? 'input' : 'output' })),
    );
  return withExamples(command, 'dxo schema request', 'dxo schema result train');
}
