/**
 * A schedules file: a book of named schedules, each saying when to run which request. The schema is the type, the check
 * before anything is applied, and `dxo schema schedules`. Strict: a misspelt name is refused.
 * Not here: where in the file a fault stands (client/schedules/read-schedules.ts), and the requests (requests.ts, batch.ts).
 */
import { z } from 'zod';
import { batchRequestSchema } from './batch.js';
import { CALENDAR_FIELDS, type CalendarField, calendarOf, calendarOfCron } from './calendar.js';
import { durationMsOf, durationSchema } from './duration.js';
import { fairnessKeySchema, prioritySchema, WORKFLOW_TYPES } from './messages.js';
import { reapRequestSchema } from './reap.js';
import { generateRequestSchema, synthesizeRequestSchema, timeZoneSchema, trainRequestSchema } from './requests.js';

/** The memo that tells whose a schedule is: the book's name. A schedule without it was made by somebody else. */
export const BOOK_MEMO = 'dataxid-orchestrator';

export const SCHEDULES_MAX = 1_000;
/** A job's id is `<kind>-<name>-<time>`, and has 200 characters at most. */
const NAME_CHARS_MAX = 100;
const NOTE_CHARS_MAX = 1_000;
/** Temporal takes no shorter window. */
const CATCH_UP_MS_MIN = 10_000;

const name = z
  .string()
  .max(NAME_CHARS_MAX)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, 'letters, digits, _ and -, beginning with a letter or digit');
const instant = z.iso.datetime({ offset: true });

const cron = z.string().max(200).superRefine(withoutSyntaxError(calendarOfCron));

const calendarFieldOf = (field: CalendarField) =>
  z
    .union([z.number().int(), z.string().max(200)], 'a number, or a text such as mon-fri, 1,15 or */10')
    .superRefine(withoutSyntaxError((given: string | number) => calendarOf({ [field]: given })))
    .optional();
const calendar = z.strictObject(
  Object.fromEntries(CALENDAR_FIELDS.map((field) => [field, calendarFieldOf(field)])) as Record<
    CalendarField,
    ReturnType<typeof calendarFieldOf>
  >,
);

const interval = z
  .strictObject({
    every: durationSchema.describe('Counted from 1970-01-01T00:00:00Z, so that 24h is midnight in UTC'),
    offset: durationSchema.optional().describe('How much later each time'),
  })
  .refine(({ every, offset }) => offset === undefined || durationMsOf(offset) < durationMsOf(every), {
    error: 'shorter than every',
    path: ['offset'],
  });

/** A deadline is one moment, and a schedule has many runs. */
const onlyOneDeadline = z.never('a schedule has many runs and a deadline is one moment: leave it out').optional();
const run = z
  .strictObject({
    synthesize: synthesizeRequestSchema.extend({ deadline: onlyOneDeadline }).optional(),
    train: trainRequestSchema.extend({ deadline: onlyOneDeadline }).optional(),
    generate: generateRequestSchema.extend({ deadline: onlyOneDeadline }).optional(),
    batch: batchRequestSchema.extend({ deadline: onlyOneDeadline }).optional(),
    reap: reapRequestSchema.optional(),
  })
  .refine(...exactlyOne(WORKFLOW_TYPES));

export const OVERLAPS = ['skip', 'buffer-one', 'buffer-all', 'cancel-other', 'terminate-other', 'allow-all'] as const;

const scheduleSchema = z
  .strictObject({
    name: name.describe('Unique in the Temporal namespace; part of each job id'),
    cron: cron.optional().describe('minute hour day-of-month month day-of-week, or @daily'),
    calendar: z
      .array(calendar)
      .min(1)
      .max(100)
      .optional()
      .describe('Times at which every field of one of these matches'),
    interval: interval.optional(),
    timeZone: timeZoneSchema.default('UTC').describe('IANA name: of cron and calendar, and of {{ scheduled | date }}'),
    jitter: durationSchema.optional().describe('Each run starts up to so much later'),
    startAt: instant.optional(),
    endAt: instant.optional(),
    run: run.describe('One of synthesize, train, generate, batch or reap, with its request'),
    overlap: z.enum(OVERLAPS).default('skip').describe('When a run is due while one is under way'),
    catchUpWindow: durationSchema
      .refine((text) => durationMsOf(text) >= CATCH_UP_MS_MIN, 'at least 10s')
      .default('24h')
      .describe('A run that an outage delayed by more is missed'),
    pauseOnFailure: z.boolean().default(false).describe('Pause when a run fails'),
    priority: prioritySchema.optional().describe('1 is asked first, 5 last; default 3'),
    fairnessKey: fairnessKeySchema.optional().describe('Whose turn it uses among jobs of one priority'),
    paused: z.boolean().default(false),
    note: z.string().max(NOTE_CHARS_MAX).optional().describe('For people: shown with the schedule and with each job'),
  })
  .refine(...exactlyOne(['cron', 'calendar', 'interval']));

export const schedulesFileSchema = z.strictObject({
  version: z.literal(1),
  book: name.describe('Whose the schedules are: apply removes those of this book that the file does not name any more'),
  schedules: z.array(scheduleSchema).max(SCHEDULES_MAX),
});

export type ScheduleEntry = z.output<typeof scheduleSchema>;
export type Overlap = (typeof OVERLAPS)[number];

/** Looked at even where something else is wrong, so that every fault is told at once. */
function exactlyOne(names: readonly string[]) {
  const saidOf = (given: object): string[] => names.filter((each) => Object.hasOwn(given, each));
  const list = `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
  const error = ({ input }: { input?: unknown }): string => {
    const said = saidOf(input as object);
    return `exactly one of ${list} is needed${said.length === 0 ? '' : `, not ${said.join(' and ')}`}`;
  };
  const isObject = ({ value }: { value: unknown }): boolean => typeof value === 'object' && value !== null;
  return [(given: object) => saidOf(given).length === 1, { error, when: isObject }] as const;
}

function withoutSyntaxError<T>(parse: (value: T) => unknown) {
  return (value: T, context: z.RefinementCtx): void => {
    try {
      parse(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message, input: value });
    }
  };
}
