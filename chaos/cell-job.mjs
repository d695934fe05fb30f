/**
 * The job of one cell: its sandbox is told what to do to it and what to hold, its door is shut and opened, and the moment of the
 * disturbance is seen. A show is `{cell, id, account, control, door}`, and then `hasEnded` and `wasRefused`.
 */
import { watchWorkflowIdOf } from '../dist/contract/watch.js';
import { CALLS, DISTURBANCES, rulesOf } from './cells.mjs';
import { SHAPE } from './hall.mjs';
import { synthesizeRequestOf } from './requests.mjs';
import { patiently, until } from './world.mjs';

/** A door that was not met by then is opened all the same. */
const REFUSED_LIMIT_MS = 60_000;

/** To be done before the job begins. */
export async function setUp({ cell: { call, outcome, disturbance }, control, door }) {
  const { faults, holds } = rulesOf(call, outcome, disturbance);
  await door.open();
  await control.reset();
  // The first rule that fits decides; a hold and an outcome never fit the same request.
  await control.addFaults([...faults, ...holds]);
  if (outcome !== 'not sent' || DISTURBANCES[disturbance].moment === 'during') return;
  const { before } = CALLS[call];
  if (before === undefined) door.shut();
  else door.shutAfter(CALLS[before].requests);
}

/** The job of a cell. A door that is shut is opened when the job has met it. */
export async function runShow(hall, show) {
  const { id, account, cell, door } = show;
  const request = synthesizeRequestOf(hall, id, SHAPE, { onQuota: 'hold' });
  const handle = await patiently(() => hall.client.synthesize({ ...request, account }, { id }));
  const ending = patiently(() => handle.result().catch(rethrowUnlessEnd)).then(() => {
    show.hasEnded = true;
  });
  if (cell.outcome === 'not sent') {
    await until(() => show.hasEnded || door.isShut(), REFUSED_LIMIT_MS);
    await until(async () => {
      show.wasRefused = await isRefused(hall, show);
      return show.hasEnded || show.wasRefused;
    }, REFUSED_LIMIT_MS);
    await door.open();
  }
  await ending;
}

function rethrowUnlessEnd(error) {
  if (error.name !== 'JobFailedError' && error.name !== 'JobCancelledError') throw error;
}

/** Whether the last request got no answer, as Temporal tells: while the door is shut there is only one reason. */
async function isRefused(hall, { id, account, cell }) {
  const pending = await pendingOf(hall, id);
  // A look is the request of the account's watch, and of the job itself only where there is no list.
  if (cell.call === 'look') pending.push(...(await pendingOf(hall, watchWorkflowIdOf(account))));
  return pending.some(({ lastFailure }) => lastFailure?.applicationFailureInfo?.type === 'no_answer');
}

/** None where it has not begun. */
async function pendingOf({ client }, id) {
  const described = await patiently(async () => {
    try {
      return await client.temporal.workflow.getHandle(id).describe();
    } catch (error) {
      if (error.name === 'WorkflowNotFoundError') return undefined;
      throw error;
    }
  });
  return described?.raw.pendingActivities ?? [];
}

/** Whether the request that the disturbance is to meet is under way; before the first one, whether the table is being read. */
export async function isAtMoment(hall, show) {
  const { call, outcome, disturbance } = show.cell;
  const { faults, holds } = rulesOf(call, outcome, disturbance);
  if (DISTURBANCES[disturbance].moment === 'at')
    return outcome === 'not sent' ? show.wasRefused : hasFitted(show, faults);
  return holds.length === 0 ? (await pendingOf(hall, show.id)).length > 0 : hasFitted(show, holds);
}

async function hasFitted({ control }, rules) {
  const wanted = new Set(rules.map(ruleKeyOf));
  return (await control.faults()).some(({ rule, fitted }) => wanted.has(ruleKeyOf(rule)) && fitted > 0);
}

const ruleKeyOf = ({ call, kind, nth, seconds }) => `${call} ${kind} ${nth} ${seconds}`;
