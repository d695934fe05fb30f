/** `dxo doctor`: looks at everything a job needs, one finding each, with what to do about it. */
import { Command } from 'commander';
import { withExamples, withJson } from './command-options.js';
import { EXIT } from './exit-codes.js';
import { alignedTable, print, printJson } from './terminal.js';

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('Check Node, Temporal, workers, the API key, the artifact store and the roots. Starts no job.')
    .action(run);
  return withExamples(withJson(command), 'dxo doctor', 'dxo doctor --json');
}

async function run({ json }: { json?: true }): Promise<void> {
  const { examine } = await import('./examine.js');
  const findings = await examine(process.cwd(), process.env);
  if (json) printJson({ findings });
  else {
    print(alignedTable(findings.map(({ state, subject, detail }) => [state, subject, detail])));
    const advice = findings.flatMap(({ subject, advice }) => (advice === undefined ? [] : `${subject}: ${advice}`));
    if (advice.length > 0) print(`\nWhat to do:\n${advice.map((line) => `  - ${line}`).join('\n')}`);
  }
  process.exitCode = findings.some(({ state }) => state === 'fail') ? EXIT.unreachable : EXIT.done;
}
