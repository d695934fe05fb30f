/** Every command explains itself, with an example, and says so quickly. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Folder, jsonOf, makeFolder, runDxo } from './run-dxo.js';

let folder: Folder;
beforeAll(async () => {
  folder = await makeFolder();
});
afterAll(() => folder.remove());

const COMMANDS =
  'synthesize,train,generate,plan,jobs,jobs list,jobs show,jobs wait,jobs cancel,jobs resume,jobs extend,jobs prioritize,jobs keep,jobs salvage,retry,reap,budget,report,batch,batch plan,batch run,batch status,batch retry,schedules,schedules plan,schedules apply,schedules list,dev,worker,sandbox,doctor,schema,demo'.split(
    ',',
  );

test.each(COMMANDS)('dxo %s --help shows an example', async (command) => {
  const { code, stdout } = await runDxo(folder.path, [...command.split(' '), '--help']);
  expect(stdout).toMatch(new RegExp(`Examples?:\\n  \\$ .*dxo ${command.split(' ')[0]}`));
  expect(code).toBe(0);
});

test('the help of the command itself lists every command', async () => {
  const { code, stdout } = await runDxo(folder.path, ['--help']);
  expect(code).toBe(0);
  for (const command of COMMANDS.filter((name) => !name.includes(' '))) expect(stdout).toContain(`  ${command} `);
});

test.each([[[]], [['nonsense']], [['jobs']], [['schema', 'nonsense']]])('dxo %j is wrong usage', async (args) => {
  expect((await runDxo(folder.path, args)).code).toBe(2);
});

test.each(['synthesize', 'train', 'generate'])('the schema of a %s request is strict JSON Schema', async (kind) => {
  const schema = jsonOf(await runDxo(folder.path, ['schema', 'request', kind]));
  expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
  expect(Object.keys(schema.properties as object)).toContain('policy');
});

test('the schema of a result names the output', async () => {
  const schema = jsonOf(await runDxo(folder.path, ['schema', 'result']));
  expect(schema).toMatchObject({ properties: { output: { type: 'object' } } });
});

test('doctor finds what a local run needs, and starts nothing', async () => {
  const answer = await runDxo(folder.path, ['doctor', '--json']);
  const { findings } = jsonOf<{ findings: { subject: string; state: string }[] }>(answer);
  expect(findings).toContainEqual(expect.objectContaining({ subject: 'Temporal', state: 'ok' }));
  expect(findings.filter(({ state }) => state === 'fail')).toEqual([]);
  expect(answer.code).toBe(0);
  expect(await folder.names()).toEqual([]);
});

test('doctor fails on a malformed key and says what to do', async () => {
  const answer = await runDxo(folder.path, ['doctor'], { DATAXID_API_KEY: 'dx live' });
  expect(answer.stdout).toMatch(/fail +API key[\s\S]*What to do/);
  expect(answer.code).toBe(3);
});
