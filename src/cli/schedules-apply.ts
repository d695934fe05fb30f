/** `dxo schedules plan|apply`: a file of schedules against the server. */
import { dirname, resolve } from 'node:path';
import type { Client } from '@temporalio/client';
import { type AppliedSchedule, type ApplyOptions, applySchedules } from '../client/schedules/apply-schedules.js';
import { runOf } from '../client/schedules/definition.js';
import { isUpToDate, planSchedules, type SchedulePlan } from '../client/schedules/plan-schedules.js';
import { readSchedules, type ScheduleBook } from '../client/schedules/read-schedules.js';
import { reaching } from '../client/unavailable.js';
import { pathOf } from './check-input.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { readSmallText } from './read-document.js';
import { planAnswer, renderPlan } from './schedules-print-plan.js';
import { isConfirmed } from './schedules-text.js';
import { choosePlace, openSession, openSessionForJobs, type Place, type Session } from './session.js';
import { note, print, printJson } from './terminal.js';

interface PlanFlags {
  detailedExitcode?: true;
  json?: true;
}

export async function planFile(file: string, { detailedExitcode, json }: PlanFlags): Promise<number> {
  const place = await choosePlace(process.env);
  const book = await readBook(file, place);
  const session = await openSessionForJobs(process.cwd(), process.env);
  try {
    const plan = await planOf(session?.client.temporal, book);
    if (json) printJson(planAnswer(plan, new Date()));
    else printPlan(plan);
    return detailedExitcode && !isUpToDate(plan) ? EXIT.changes : EXIT.done;
  } finally {
    await session?.close();
  }
}

interface ApplyFlags extends Pick<ApplyOptions, 'resume' | 'takeOver'> {
  yes?: true;
  json?: true;
}

export async function applyFile(file: string, { yes, json, ...options }: ApplyFlags): Promise<ExitCode> {
  const place = await choosePlace(process.env);
  const book = await readBook(file, place);
  const session = await openSession(place, process.cwd());
  try {
    const client = session.client.temporal;
    const plan = await planOf(client, book);
    if (!json) printPlan(plan);
    const isAsked = !yes && !isUpToDate(plan);
    if (isAsked && !(await isConfirmed('Apply these changes?'))) {
      note('nothing was applied');
      return EXIT.done;
    }
    if (place.kind === 'local') await allowPaths(session, book);
    const applied = await reaching('apply the schedules', () => applySchedules(client, plan, options));
    if (json) printJson({ book: book.book, applied });
    else printApplied(applied);
    if (place.kind === 'local' && book.schedules.length > 0) {
      note(
        'A schedule starts jobs only while the stack of this folder runs: keep `dxo dev` open, or use a server and workers of your own.',
      );
    }
    return applied.some(({ outcome }) => outcome === 'refused') ? EXIT.failed : EXIT.done;
  } finally {
    await session.close();
  }
}

/** On a fleet a relative path has no meaning; here it counts from the file's folder. */
async function readBook(file: string, place: Place): Promise<ScheduleBook> {
  const path = resolve(file);
  const text = await readSmallText(path, 'file');
  return readSchedules(text, file, place.kind === 'local' ? dirname(path) : undefined);
}

function planOf(client: Client | undefined, book: ScheduleBook): Promise<SchedulePlan> {
  return reaching('plan the schedules', () => planSchedules(client, book));
}

function printPlan(plan: SchedulePlan): void {
  const isColored = process.stdout.isTTY === true && !process.env.NO_COLOR;
  print(renderPlan(plan, new Date(), { isColored }));
}

function printApplied(applied: readonly AppliedSchedule[]): void {
  for (const { name, outcome, message } of applied) {
    if (outcome !== 'unchanged') print(`${name}  ${outcome}${message === undefined ? '' : `: ${message}`}`);
  }
  if (applied.every(({ outcome }) => outcome === 'unchanged')) print('nothing to do');
}

/** The local worker may touch what commands named: for a template, the folder that its names have in common. */
async function allowPaths(session: Session, { schedules }: ScheduleBook): Promise<void> {
  for (const entry of schedules) {
    const { table, manifest, output } = runOf(entry).request as Record<string, { uri: string } | undefined>;
    const [read, write] = [table ?? manifest, output].map((place) => place && lastingPartOf(pathOf(place.uri)));
    await session.makeReadyFor({ ...(read ? { read } : {}), ...(write ? { write } : {}) });
  }
}

/** `/data/{{ scheduled | date }}/a.csv` -> `/data` */
function lastingPartOf(path: string): string {
  const at = path.indexOf('{{');
  return at < 0 ? path : dirname(`${path.slice(0, at)}x`);
}
