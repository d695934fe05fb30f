/**
 * Carries a plan out in a world with its sandbox: starts its jobs, lets its blows fall when enough requests were sent, and is
 * the operator that resumes what is held, and whoever follows the jobs; until every job has ended. Not here: whether that was right (invariants.mjs).
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { corruptArtifacts } from './corrupt-artifacts.mjs';
import { queryOf } from './evidence.mjs';
import { follow } from './follow.mjs';
import { operate } from './operator.mjs';
import { generateRequestOf, outputPathOf, SHAPES, synthesizeRequestOf, trainRequestOf } from './requests.mjs';
import { patiently, pause, until } from './world.mjs';

/** A seed whose jobs have not all ended by then has found something. */
const SEED_LIMIT_MS = 150_000;
/** Quota stays used up until a job is held, at most for this long. */
const QUOTA_GONE_MS_MAX = 2_500;
/** Attempts of a terminated job go on until their next beat, those of a frozen worker when it wakes: they have ended when it is quiet so long. */
const LEAVES_REQUESTS = ['terminate', 'freeze worker'];
const QUIET_MS = 1_200;

/**
 * @param world of openWorld, with `sandbox` of openSandboxProcess
 * @returns {Promise<{fallen: string[]}>} what blows fell; one whose moment never came is left out
 */
export async function runPlan(world, plan, { nextRelease }) {
  const { control } = world.sandbox;
  await control.addFaults(plan.faults);
  const fallen = [];
  let isOver = false;
  const jobs = plan.jobs.map((job) => runJob(world, job));
  const blows = (async () => {
    for (const blow of plan.blows) {
      const isDue = async () => (await control.state()).requests >= blow.afterRequests;
      await until(async () => isOver || (await isDue()), SEED_LIMIT_MS);
      if (isOver) return;
      await pause(blow.delayMs);
      if (isOver) return;
      await BLOWS[blow.what](world, { ...blow, nextRelease, idPrefix: plan.idPrefix });
      fallen.push(blow.what);
    }
  })();
  const people = [operate, follow].map((act) => act(world, plan.idPrefix, () => isOver));
  let haveEnded = false;
  const ended = Promise.all(jobs).then(() => {
    haveEnded = true;
  });
  await Promise.race([ended, until(() => haveEnded, SEED_LIMIT_MS)]);
  await until(async () => (await runningOf(world, plan.idPrefix)).length === 0, QUIET_MS);
  isOver = true;
  await Promise.all([blows, ...people]);
  if (fallen.some((what) => LEAVES_REQUESTS.includes(what))) await untilQuiet(control);
  return { fallen };
}

/** Starts a job, perhaps a second one after it, and waits for their ends, whatever they are. */
async function runJob(world, job) {
  await pause(job.startMs);
  const { client } = world;
  const policy = { onQuota: job.onQuota, keepModel: job.keepModel };
  const end = async (kind, request, id) => {
    const handle = await patiently(() => client[kind](request, { id }));
    return patiently(async () => {
      try {
        return await handle.result();
      } catch (error) {
        if (error.name === 'JobFailedError' || error.name === 'JobCancelledError') return undefined;
        throw error;
      }
    });
  };
  switch (job.kind) {
    case 'synthesize':
      await end('synthesize', synthesizeRequestOf(world, job.id, job.shape, policy), job.id);
      return;
    case 'train and generate': {
      const trained = (await end('train', trainRequestOf(world, job.shape, { onQuota: job.onQuota }), job.id))?.trained;
      const id = `${job.id}-rows`;
      if (trained !== undefined) await end('generate', generateRequestOf(world, id, job.shape, trained, policy), id);
      return;
    }
    default:
      await end('batch', batchRequestOf(world, job), job.id);
      // Items outlive a batch that is terminated.
      await until(async () => (await runningOf(world, job.id)).length === 0, SEED_LIMIT_MS);
  }
}

function batchRequestOf(world, { id, items, onQuota }) {
  const manifest = join(world.folder, `${id}.jsonl`);
  const lines = items.map(({ name, shape }) => {
    const request = synthesizeRequestOf(world, `${id}.${name}`, shape, { onQuota });
    return `${JSON.stringify({ name, ...request })}\n`;
  });
  writeFileSync(manifest, lines.join(''));
  return {
    kind: 'synthesize',
    manifest: { uri: manifest },
    output: { uri: join(world.outputs, `${id}.results.jsonl`) },
  };
}

async function runningOf({ client }, idPrefix) {
  const ids = [];
  const query = `${queryOf(idPrefix)} AND ExecutionStatus = 'Running'`;
  await patiently(async () => {
    ids.length = 0;
    for await (const { workflowId } of client.temporal.workflow.list({ query })) ids.push(workflowId);
  });
  return ids;
}

/** Ends what has not ended by itself, so that nobody waits for it when the world is closed. */
export async function endAll(world, idPrefix) {
  const handles = (await runningOf(world, idPrefix)).map((id) => world.client.temporal.workflow.getHandle(id));
  await Promise.all(handles.map((handle) => handle.terminate('it has not ended by itself').catch(() => undefined)));
  await pause(QUIET_MS);
}

async function untilQuiet(control) {
  for (;;) {
    const before = await control.state();
    await pause(QUIET_MS);
    const after = await control.state();
    if (after.requestsInFlight === 0 && after.requests === before.requests) return;
  }
}

/** What each blow does; it returns when what was killed is back. */
const BLOWS = {
  'kill worker': (world, { worker }) => world.restartWorker(worker, 'SIGKILL'),
  'kill all workers': (world) => world.restartAllWorkers('SIGKILL'),
  'stop worker': (world, { worker }) => world.restartWorker(worker, 'SIGTERM'),
  'freeze worker': (world, { worker, ms }) => world.freezeWorker(worker, ms),
  'kill server': (world) => world.killServer(),
  'kill sandbox': (world) => world.sandbox.kill(),
  cancel: (world, { job }) => ofJob(world, job, (handle) => handle.cancel()),
  terminate: (world, { job }) => ofJob(world, job, (handle) => handle.terminate('chaos')),
  'fail a training': ({ sandbox }) => sandbox.control.failTraining('the cluster ran out of memory'),
  async 'exhaust quota'({ client, sandbox: { control } }, { rowsLeft, idPrefix }) {
    const { rowsBilled, limits } = await control.state();
    await control.setLimits({ quotaRows: rowsBilled + rowsLeft });
    const query = `${queryOf(idPrefix)} AND DataxidStage = 'held'`;
    const isHeld = async () => (await patiently(() => client.temporal.workflow.count(query))).count > 0;
    await until(isHeld, QUOTA_GONE_MS_MAX);
    await control.setLimits({ quotaRows: limits.quotaRows });
  },
  async 'corrupt artifacts'(world, { job }) {
    await ofJob(world, job, async (handle) => {
      const { runId } = await handle.describe();
      corruptArtifacts(world, { id: job, runId });
    });
  },
  deploy: (world, { nextRelease }) => world.deploy(nextRelease),
};

/** A job that has not begun, or has ended, is left alone. */
async function ofJob({ client }, id, act) {
  await patiently(async () => {
    try {
      await act(client.temporal.workflow.getHandle(id));
    } catch (error) {
      if (error.name !== 'WorkflowNotFoundError') throw error;
    }
  });
}

/** Digests of what undisturbed jobs write, by shape: what every disturbed output is held against. */
export async function undisturbedOutputs(world, digestOf) {
  const entries = Object.keys(SHAPES).map(async (shape) => {
    const id = `undisturbed-${shape}`;
    await (await world.client.synthesize(synthesizeRequestOf(world, id, shape), { id })).result();
    return [shape, digestOf(outputPathOf(world.outputs, id, shape))];
  });
  return new Map(await Promise.all(entries));
}
