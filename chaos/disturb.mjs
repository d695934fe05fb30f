/** The disturbances of the matrix, each done to the jobs of a wave when they have come to its moment. */

import { isAtMoment } from './cell-job.mjs';
import { DISTURBANCES } from './cells.mjs';
import { corruptArtifacts } from './corrupt-artifacts.mjs';
import { until } from './world.mjs';

/** All jobs of a wave have come to the moment of its disturbance by then, or have ended. */
const MOMENT_LIMIT_MS = 25_000;

/** @param shows as cell-job.mjs says; those that are still under way then are `wasStruck` */
export async function disturb(hall, disturbance, shows) {
  if (disturbance in DISTURB_ONE) {
    await Promise.all(
      shows.map(async (show) => {
        await untilMoment(hall, show);
        show.wasStruck = !show.hasEnded;
        await disturbOne(hall, show, DISTURB_ONE[disturbance]);
      }),
    );
  } else if (disturbance in DISTURB_ALL) {
    await Promise.all(shows.map((show) => untilMoment(hall, show)));
    for (const show of shows) show.wasStruck = !show.hasEnded;
    await DISTURB_ALL[disturbance](hall, shows);
  }
}

const untilMoment = (hall, show) => until(async () => show.hasEnded || (await isAtMoment(hall, show)), MOMENT_LIMIT_MS);

/** What falls on each job by itself, each at its moment. */
const DISTURB_ONE = {
  cancel: (handle) => handle.cancel(),
  terminate: (handle) => handle.terminate('matrix'),
  'corrupted artifact': async (handle, hall) => {
    const { runId } = await handle.describe();
    corruptArtifacts(hall, { id: handle.workflowId, runId });
  },
};

/** What falls on all of them, when the last has come to its moment. */
const DISTURB_ALL = {
  'kill worker before': killWorker,
  'kill worker during': killWorker,
  'kill worker after': killWorker,
  'kill server': (hall) => hall.killServer(),
  deploy: (hall) => hall.deploy(hall.nextRelease),
  'full disk': async (hall) => hall.disk.keepFull(),
};

async function killWorker(hall, shows) {
  await hall.endWorkers('SIGKILL');
  for (const { cell, door } of shows) {
    // What was under way is lost with the worker; its repeat is what is never sent.
    if (cell.outcome === 'not sent' && DISTURBANCES[cell.disturbance].moment === 'during') door.shut();
  }
  await hall.startWorkers();
}

async function disturbOne(hall, { id, hasEnded }, act) {
  if (hasEnded) return;
  try {
    await act(hall.client.temporal.workflow.getHandle(id), hall);
  } catch (error) {
    // It has ended meanwhile.
    if (error.name !== 'WorkflowNotFoundError') throw error;
  }
}
