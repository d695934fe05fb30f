/**
 * Every limit that is not a setting, each with its unit. An error that quotes a limit quotes the number from here.
 * Not here: limits an operator may change (settings.ts), and the API's own (docs/errors.md).
 */
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long the API remembers an idempotency key [ref]. */
const KEY_LIFETIME_MS = 24 * HOUR_MS;
/** A step under one key may be tried for this long: the hour between covers clocks and a last slow request. */
export const KEY_USE_MS = KEY_LIFETIME_MS - HOUR_MS;

/** One HTTP request: connect [sdk], then headers and each gap in the body [sdk]. */
export const CONNECT_TIMEOUT_MS = 10_000;
export const READ_TIMEOUT_MS = 300_000;
/** How long an attempt may wait for its turn in the request budget: a worker takes no more than it can serve in this. */
const TURN_WAIT_MS = 30 * MINUTE_MS;
/** An activity attempt is its turn, one request, and a little: reading the artifact, writing the answer. */
export const REQUEST_ATTEMPT_MS = TURN_WAIT_MS + CONNECT_TIMEOUT_MS + READ_TIMEOUT_MS + 20_000;
/** An answer larger than this is refused, whatever it says. */
export const ANSWER_BYTES_MAX = 1024 * 1024 * 1024;
/** What is kept of an error body that is not the API's own (a proxy's page). */
export const FOREIGN_BODY_BYTES_MAX = 1024;

/** How long a cancel waits for a creation whose answer is still on its way: two or three more tries. */
export const CREATE_GRACE_MS = 2 * MINUTE_MS;
/** Deleting goes on for days, since it needs no key: a model left behind costs money. */
export const DELETE_DEADLINE_MS = 3 * DAY_MS;
/** `model_not_ready` although the model is ready: after so many new keys it is a fault of the API, and said so. */
export const REKEYS_MAX = 20;
/** A job held only because others have reserved the rows asks again, which is no request: first after this, then after twice as long … */
export const ROWS_AGAIN_MS = 15_000;
/** … and at last so often: a month of it is 360 times. */
export const ROWS_AGAIN_MAX_MS = 2 * 3_600_000;
/** A held job that nobody resumes ends after this. */
export const HOLD_MAX_MS = 35 * DAY_MS;
/** Training may take this long unless the request says otherwise (`model.timeout`, seconds) [sdk: 4 h]. */
export const TRAINING_TIMEOUT_S = 14_400;
export const TRAINING_TIMEOUT_S_MAX = 14 * 24 * 3600;
/** Looks at a training: these delays, then the last one again and again [sdk]. */
export const LOOK_DELAYS_MS = [2_000, 3_000, 5_000, 10_000, 15_000, 20_000, 30_000] as const;
/**
 * A request that may be asked again is asked so often by Temporal itself, quickly; then the job waits by a timer of its
 * own, so that the Web UI shows why and until when. About 11 history events a time: a day of an API that is down is 300.
 */
export const QUICK_ATTEMPTS = 3;
export const QUICK_DELAY_MS = 5_000;
/** A wait at least this long is a search attribute too. */
export const WAIT_SHOWN_MS = 10_000;
/** A training tells the job how far it is so often: 10 times 11 history events. */
export const TRAINING_REPORTS = 10;
/** A model further down the list is looked at alone. */
export const WATCH_PAGES_MAX = 50;
/** Jobs that one look serves at most; further ones look for themselves. */
export const WATCH_JOBS_MAX = 5_000;
/** Of the request budget, for looks at the list while others want it or the list is long. */
export const WATCH_SHARE = 0.1;
/** Temporal allows 2 000 signals under way. */
export const WATCH_SIGNALS_AT_ONCE = 200;
/** An account whose API has no list is not asked for one again before this. */
export const WATCH_NO_LIST_MS = HOUR_MS;
/** A job that has heard nothing of its model for so long joins the watch again: somebody may have ended it. */
export const WATCH_SILENCE_MS = 15 * MINUTE_MS;
/** A request whose worker has not been heard for this long is sent again: 7 s after a kill -9 (measured). */
export const REQUEST_HEARTBEAT_MS = 5_000;
/** The same for the worker that spends an account's request budget; another one takes over then. */
export const BUDGET_HEARTBEAT_MS = 5_000;
/** A worker spends the budget for this long at a stretch, unless it dies or stops. */
export const BUDGET_TERM_MS = 7 * DAY_MS;
/** The same for a local step: longer, since computing keeps a worker from being heard. */
export const DATA_HEARTBEAT_MS = 20_000;
/** A local step that fails in a way nobody foresaw is tried this often; a foreseen failure is never repeated. */
export const DATA_ATTEMPTS_MAX = 3;
export const DATA_DEADLINE_MS = 6 * HOUR_MS;

/** Failures kept in Temporal lose their details over 4 096 bytes, text and stack together: 300 leaves room (measured). */
export const MESSAGE_BYTES_MAX = 300;
/** Temporal's own cap on a workflow id is 1 000 bytes; ours leaves room for what schedules append. */
export const JOB_ID_CHARS_MAX = 200;

export const ROWS_PER_CHUNK = 10_000;
export const ROWS_PER_CHUNK_MAX = 100_000;
/** About 12 history events a chunk: 1 000 chunks stay far below Temporal's 51 200 events. */
export const CHUNKS_MAX = 1_000;
export const ROWS_MAX = ROWS_PER_CHUNK_MAX * CHUNKS_MAX;
/** Chunks asked for and decoded at once by one job; the request budget is the real bound. */
export const CHUNKS_AT_ONCE = 4;

/** Rows of a table of conditions, or of one to impute: it is held in memory, where the trained table is not. */
export const GIVEN_ROWS_MAX = 1_000_000;
/** Each trial asks for all rows once more. */
export const IMPUTE_TRIALS_MAX = 100;

export const COLUMNS_MAX = 10_000;
/** Files that one pattern in `table.uri` may name. */
export const TABLE_FILES_MAX = 1_000;
/** One cell of a table as UTF-8, and one line of a CSV: DuckDB reads no longer line unless told to. */
export const CELL_BYTES_MAX = 2_000_000;
export const COLUMN_NAME_CHARS_MAX = 1_000;
/** A request document (JSON or YAML) given to the command line. */
export const REQUEST_BYTES_MAX = 1024 * 1024;

/** Temporal's priorities run from 1, asked first, to 5; 3 is the default. */
export const PRIORITY_MAX = 5;
export const PRIORITY_DEFAULT = 3;
/** Temporal's own cap. */
export const FAIRNESS_KEY_BYTES_MAX = 64;
/** A deadline moves by at most this at a time. */
export const EXTEND_MAX_S = 35 * 24 * 3600;
/** Why somebody cancelled, in their words. */
export const REASON_CHARS_MAX = 300;

export const BATCH_ITEMS_MAX = 100_000;
export const BATCH_AT_ONCE = 10;
export const BATCH_AT_ONCE_MAX = 200;
export const BATCH_ITEM_ATTEMPTS = 2;
export const BATCH_ITEM_ATTEMPTS_MAX = 10;

/** What a job that failed after its training keeps for a retry (`policy.keepOnFailure`) is kept for this long. */
export const KEPT_ON_FAILURE_MS = 72 * HOUR_MS;
/** A reap looks at jobs that ended within this; histories are there for the namespace's retention anyway. */
export const REAP_DAYS = 30;
export const REAP_DAYS_MAX = 366;
export const REAP_JOBS = 10_000;
export const REAP_JOBS_MAX = 100_000;
/** Ended jobs whose histories one step of a reap reads. */
export const REAP_PAGE_JOBS = 50;
/** Entries of each list of a reap's report; the counts go on. */
export const REAP_LISTED_MAX = 100;
/** A request of a reap is given up after this: the next reap sends it again. */
export const REAP_REQUEST_MS = HOUR_MS;
/** Models on a page of the API's list [assumed], and pages that a reap reads. */
export const MODELS_PAGE = 100;
export const MODELS_PAGES_MAX = 100;
