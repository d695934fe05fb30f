/**
 * What an operator reads in the Temporal Web UI, and sends from its forms: real jobs, the real pages, a real Chromium.
 * Words are looked for, wherever the page puts them. docs/web-ui.md shows the same pages. Skipped where there is no Chromium.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { everydayQueries } from '../../src/client/list-query.js';
import { watchWorkflowIdOf } from '../../src/contract/watch.js';
import { type DevServer, startDevServer } from '../../src/devserver/start-dev-server.js';
import type { JobHandle, SynthesizeInput, SynthesizeResult } from '../../src/index.js';
import { type Fleet, failureOf, startFleet } from '../support/fleet.js';
import { writeSmallTable } from '../support/small-table.js';
import { testTemporalCli } from '../support/temporal.js';
import { until } from '../support/until.js';
import { findChromium } from './find-chromium.js';

const executablePath = findChromium(process.env);
if (executablePath === undefined) {
  process.stderr.write(
    'test/web-ui is SKIPPED: no Chromium on this machine. Install one, or name it in CHROMIUM_PATH.\n',
  );
}
const describeWithChromium = executablePath === undefined ? describe.skip : describe;

/** Servers, a browser and three jobs, on a machine that may be busy. */
const SETUP_LIMIT_MS = 180_000;
const ROWS = 100;
const ROWS_PER_CHUNK = 20;
const FAILED = 'synthesize-claims-2026-11-22';
const HELD = 'synthesize-customers-2026-11-22';
const INPUT = '{"seconds": 3600}';
const TRAINING = 'synthesize-orders-2026-11-22';

describeWithChromium('the Temporal Web UI', () => {
  let server: DevServer;
  let fleet: Fleet;
  let browser: Browser;
  let page: Page;
  let workflows: string;
  let failed: JobHandle<SynthesizeResult>;
  let held: JobHandle<SynthesizeResult>;
  let training: JobHandle<SynthesizeResult>;

  beforeAll(async () => {
    // The run's own server has no Web UI; the fleet goes where this variable says.
    server = await startDevServer({ cliPath: testTemporalCli(), fastTimers: true });
    process.env.TEST_TEMPORAL_ADDRESS = server.address;
    [fleet, browser] = await Promise.all([
      startFleet({ quotaRows: ROWS_PER_CHUNK * 2 }),
      chromium.launch({ ...(executablePath === undefined ? {} : { executablePath }) }),
    ]);
    page = await browser.newPage({ viewport: { width: 1_440, height: 1_000 } });
    workflows = `${server.uiUrl}/namespaces/${fleet.client.temporal.options.namespace}/workflows`;

    const message = 'batch_size must not exceed the number of rows.';
    await fleet.sandbox.addFaults({ call: 'train', kind: 'error', code: 'parameter_invalid', message, nth: 1 });
    failed = await synthesize(FAILED);
    await failureOf(failed);
    // Before the quota is known to be used up: afterwards no training is begun.
    training = await synthesize(TRAINING, { model: { max_epochs: 10_000, early_stop_patience: 10_000 } });
    await until('an epoch is seen', async () => {
      const { stage } = await training.status();
      return stage.stage === 'training' && stage.epoch > 0;
    });
    held = await synthesize(HELD, {
      generation: { n_samples: ROWS },
      policy: { rowsPerChunk: ROWS_PER_CHUNK, onQuota: 'hold' },
    });
    await until('it is held', async () => (await held.status()).stage.stage === 'held');
    await fleet.sandbox.setSpeed(1);
  }, SETUP_LIMIT_MS);
  afterAll(async () => {
    await browser?.close();
    for (const job of [held, training]) {
      await job?.cancel();
      await job?.result().catch(() => undefined);
    }
    await fleet?.stop().finally(() => server.stop());
  });

  const synthesize = (id: string, request: Partial<SynthesizeInput> = {}): Promise<JobHandle<SynthesizeResult>> =>
    fleet.client.synthesize(
      {
        table: { uri: writeSmallTable(fleet.folder) },
        output: { uri: join(fleet.folder, `${id}.csv`) },
        ...request,
      },
      { id },
    );

  /** All that the page says; it draws Markdown in frames of their own. */
  const wordsOf = async (): Promise<string> => {
    const texts = page.frames().map((frame) =>
      frame
        .locator('body')
        .innerText()
        .catch(() => ''),
    );
    return (await Promise.all(texts)).join('\n');
  };
  const reads = (words: string | RegExp): Promise<unknown> =>
    until(`the page ${page.url()} says ${words}`, async () => {
      const text = await wordsOf();
      return typeof words === 'string' ? text.includes(words) : words.test(text);
    });
  const open = async ({ id }: { id: string }, tab: string): Promise<void> => {
    const { runId } = await fleet.client.temporal.workflow.getHandle(id).describe();
    await page.goto(`${workflows}/${id}/${runId}/${tab}`);
  };
  /** `SCREENSHOTS=docs/images` takes the page's pictures anew. */
  const photograph = async (name: string): Promise<void> => {
    const { SCREENSHOTS } = process.env;
    if (SCREENSHOTS !== undefined) await page.locator('main').screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  };
  /** The form of updates with its list open; choosing closes it. */
  const openUpdates = async (job: JobHandle<unknown>): Promise<void> => {
    await open(job, 'timeline');
    await page.getByRole('button', { name: 'More Actions' }).click();
    await page.getByRole('menuitem', { name: 'Send an Update' }).click();
    await page.locator('dialog[open] button[aria-haspopup]').click();
  };
  const updateNamed = (name: string): Locator =>
    page.locator('dialog[open]').getByRole('option').filter({ hasText: name }).first();
  const submit = (): Promise<void> => page.locator('dialog[open]').getByRole('button', { name: 'Submit' }).click();

  test('the list shows the ids, and a ready-made query only what waits for quota', async () => {
    await page.goto(workflows);
    for (const id of [FAILED, HELD, TRAINING]) await reads(id);
    const waiting = everydayQueries(new Date()).find(({ question }) => question === 'what waits for quota');
    await page.goto(`${workflows}?query=${encodeURIComponent(String(waiting?.query))}`);
    await until('only the held job is listed', async () => {
      const text = await wordsOf();
      return text.includes(HELD) && !text.includes(TRAINING) && !text.includes(FAILED);
    });
  });

  test('a held job says why it waits, until when and what an operator may do', async () => {
    await open(held, 'user-metadata');
    await reads(/held: DataXID did not generate rows: .*quota/);
    await reads(/Waits until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(quota\): the quota of rows is used up/);
    await reads(/Send an Update.*, resume makes it go on now/);
    await reads(/rows made: \d+ of 100/);
    await open(held, 'timeline');
    await reads(/held until \d{4}-\d\d-\d\d .*: the quota of rows is used up/);
  });

  test('a failed job says in a sentence what happened, with its code and what became of the model', async () => {
    const sentence = 'DataXID did not start the training: batch_size must not exceed the number of rows.';
    await open(failed, 'timeline');
    await reads(sentence);
    await open(failed, 'user-metadata');
    await reads(`failed: ${sentence} (parameter_invalid) Correct`);
    await reads('code: parameter_invalid');
    await reads(/model: mdl_\w+, deleted/);
  });

  test('a training reads as waiting: in its timeline, in the details, and in those of the watch that looks', async () => {
    await open(training, 'timeline');
    await reads(/training: epoch \d+ of at most 10000/);
    await photograph('web-ui-training-timeline');
    await open(training, 'user-metadata');
    await reads(/training mdl_\w+: epoch \d+ of at most 10000, loss \d/);
    await reads(/Waits \(training\): the model trains; one look at the account.s models serves all jobs that wait/);
    await photograph('web-ui-training-details');
    await open({ id: watchWorkflowIdOf('default') }, 'user-metadata');
    await reads(/1 job waits for a training: looks again at \d{4}-/);
    await photograph('web-ui-watch');
  });

  test('the form of updates tells what each is for, and shows a refusal as a sentence', async () => {
    await openUpdates(training);
    const salvage = updateNamed('salvage');
    await salvage.waitFor();
    expect(await salvage.innerText()).toContain('End the generation now, and write the rows that are there: no input');
    await salvage.click();
    await submit();
    await reads('The job cannot salvage: no chunk of rows is there yet. It is training');
  });

  test('the form sends an update with its input', async () => {
    await openUpdates(training);
    await updateNamed('extend').click();
    const editor = page.locator('dialog[open] .cm-content');
    // At once: the editor completes brackets under the keys of somebody who types.
    await editor.fill(INPUT);
    await until('the form has its input', async () => (await editor.innerText()).includes(INPUT));
    await submit();
    await reads('Update successful');
  });

  test('a resume from the form makes a held job go on', async () => {
    await fleet.sandbox.setLimits({ quotaRows: 1_000_000 });
    await openUpdates(held);
    await updateNamed('resume').click();
    await submit();
    await reads('Update successful');
    expect((await held.result()).output.rows).toBe(ROWS);
  });
});
