/**
 * What happened, by witnesses other than the jobs' own results: Temporal's visibility and histories, the sandbox's ledger and models, the
 * files. Not here: what is right and wrong about it (invariants.mjs).
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replayFailures } from './replay.mjs';
import { patiently } from './world.mjs';

/**
 * @param idPrefix of the jobs that are looked at; their items and repeats share it
 * @returns {{runs: object[], ledger: object[], models: object[], state: object, outputs: Record<string, string>, leftBeside: string[], artifactGroups: string[]}}
 *   `outputs`: digest by file name; `leftBeside`: unfinished files beside them; `artifactGroups`: folders of the artifact store
 */
export async function collectEvidence({ client, outputs, artifacts, release }, control, idPrefix) {
  const runs = await patiently(() => readRuns(client.temporal, release(), idPrefix));
  const names = readdirSync(outputs);
  return {
    runs,
    ledger: await control.ledger(),
    models: await control.models(),
    state: await control.state(),
    outputs: Object.fromEntries(
      names.filter((name) => name.startsWith(idPrefix)).map((name) => [name, digestOf(join(outputs, name))]),
    ),
    artifactGroups: readdirSync(artifacts),
    leftBeside: names.filter((name) => name.startsWith(`.${idPrefix}`)),
  };
}

export const digestOf = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');

export const queryOf = (idPrefix) => `WorkflowId STARTS_WITH '${idPrefix}'`;

async function readRuns(temporal, release, idPrefix) {
  const runs = [];
  const histories = [];
  for await (const { workflowId, runId, type, status } of temporal.workflow.list({ query: queryOf(idPrefix) })) {
    const history = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
    histories.push({ workflowId, history });
    runs.push({ id: workflowId, runId, kind: type, status: status.name, ...readHistory(history.events) });
  }
  const failures = await replayFailures(release, histories);
  return runs.map((run) => ({ ...run, replayFailure: failures.get(run.runId) }));
}

/** The request, the keys that history held before anything was sent, how the run ended, what of its code failed, its steps of another release. */
function readHistory(events) {
  const read = { request: {}, keys: new Map(), failure: undefined, failedTasks: [], patches: 0 };
  for (const event of events) {
    const started = event.workflowExecutionStartedEventAttributes;
    if (started) read.request = firstOf(started.input) ?? {};
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) {
      const input = firstOf(scheduled.input) ?? {};
      if (input.key !== undefined) {
        const chunk = input.chunk?.index;
        read.keys.set(input.key, { step: `${scheduled.activityType.name}${chunk === undefined ? '' : ` ${chunk}`}` });
      }
    }
    const failed = event.workflowExecutionFailedEventAttributes;
    if (failed) {
      const { message, applicationFailureInfo: info } = failed.failure;
      read.failure = { message, code: firstOf(info?.details)?.code ?? info?.type };
    }
    if (event.markerRecordedEventAttributes?.markerName === 'core_patch') read.patches += 1;
    const task = event.workflowTaskFailedEventAttributes;
    if (task) read.failedTasks.push({ cause: Number(task.cause), message: task.failure?.message ?? '' });
  }
  return read;
}

function firstOf(payloads) {
  const data = payloads?.payloads?.[0]?.data;
  return data === undefined || data === null || data.length === 0
    ? undefined
    : JSON.parse(Buffer.from(data).toString('utf8'));
}
