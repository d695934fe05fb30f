/**
 * Everything the sandbox knows, as the sum of its events: models, stored answers, billed rows, windows, faults, ledger.
 * `record` writes an event to the journal, then applies it; a restart applies the journal's events again.
 * Not here: what an event is decided by (answer-request.ts, calls.ts, control-routes.ts).
 */
import { createHash, randomBytes } from 'node:crypto';
import { type Blobs, blobsInFolder, blobsInMemory } from './blobs.js';
import type { Change, LedgerEntry, Limits, Model, SandboxEvent } from './events.js';
import { Faults } from './faults.js';
import { type Journal, noJournal, openJournal } from './journal.js';
import { type LearnedTable, learnTable } from './learn-tree.js';
import { RateWindow } from './rate-window.js';
import { StoredAnswers } from './stored-answers.js';
import { type Progress, progressOf } from './training-course.js';
import { featureKeys, unpackTrainingData } from './training-data.js';
import { VirtualClock } from './virtual-clock.js';

export interface StateOptions extends Limits {
  keys: readonly string[];
  stateFile?: string | undefined;
  speed?: number | undefined;
  seed?: number | undefined;
  epochSeconds?: number | undefined;
}

export class SandboxState {
  readonly clock: VirtualClock;
  readonly faults = new Faults();
  readonly blobs: Blobs;
  readonly stored: StoredAnswers;
  readonly models = new Map<string, Model>();
  readonly ledger: LedgerEntry[] = [];
  readonly failures: string[] = [];
  limits: Limits;
  requestsInFlight = 0;
  trainingsStarted = 0;
  private modelsCreated = 0;
  private isReplaying = true;
  private lastSequence = 0;
  private readonly organizations: Map<string, string>;
  private readonly windows = new Map<string, RateWindow>();
  private readonly billed = new Map<string, number>();
  private readonly learned = new Map<string, Promise<LearnedTable>>();
  private readonly journal: Journal<SandboxEvent>;

  constructor(readonly options: StateOptions) {
    const { keys, rateLimit, quotaRows, stateFile, speed } = options;
    this.organizations = new Map(keys.map((key) => [key, organizationOf(key)]));
    this.limits = { rateLimit, quotaRows };
    this.clock = VirtualClock.startingNow(speed ?? 1);
    this.blobs = stateFile === undefined ? blobsInMemory() : blobsInFolder(`${stateFile}.blobs`);
    this.stored = new StoredAnswers(this.blobs);
    let isFresh = true;
    const replay = (event: SandboxEvent) => {
      isFresh = false;
      this.apply(event);
    };
    this.journal = stateFile === undefined ? noJournal : openJournal(stateFile, replay);
    this.isReplaying = false;
    if (isFresh || (speed !== undefined && speed !== this.clock.speed))
      this.record({ type: 'clock', anchor: this.clock.adjusted({ speed }) });
  }

  record(event: SandboxEvent): void {
    this.journal.append(event);
    this.apply(event);
  }

  /** Forgets everything but the keys; limits and speed are those of the start again. */
  reset(): void {
    this.journal.clear();
    this.blobs.clear();
    this.stored.clear();
    this.faults.clear();
    for (const forgotten of [this.models, this.windows, this.billed, this.learned]) forgotten.clear();
    this.ledger.length = 0;
    this.failures.length = 0;
    this.trainingsStarted = 0;
    this.limits = { rateLimit: this.options.rateLimit, quotaRows: this.options.quotaRows };
    const wallMs = Date.now();
    this.record({ type: 'clock', anchor: { wallMs, virtualMs: wallMs, speed: this.options.speed ?? 1 } });
  }

  close(): void {
    this.journal.close();
  }

  organizationOfKey(key: string): string | undefined {
    return this.organizations.get(key);
  }

  nextSequence(): number {
    this.lastSequence += 1;
    return this.lastSequence;
  }

  windowOf(organization: string): RateWindow {
    let window = this.windows.get(organization);
    if (window === undefined) {
      window = new RateWindow();
      this.windows.set(organization, window);
    }
    return window;
  }

  maxInAnyWindow(): number {
    return Math.max(0, ...[...this.windows.values()].map(({ busiest }) => busiest));
  }

  rowsBilled(organization: string, period: string): number {
    return this.billed.get(billingKey(organization, period)) ?? 0;
  }

  rowsBilledInAll(): number {
    return [...this.billed.values()].reduce((total, rows) => total + rows, 0);
  }

  modelOf(organization: string, modelId: string): Model | undefined {
    const model = this.models.get(modelId);
    return model?.organization === organization ? model : undefined;
  }

  progressOf(model: Model): Progress {
    const cardinalities = Object.values(model.cardinalities);
    const guessLoss =
      cardinalities.reduce((total, cardinality) => total + Math.log(cardinality), 0) /
      Math.max(1, cardinalities.length);
    return progressOf(model.upload, model.training, guessLoss, this.clock.nowMs());
  }

  /** The table that a model has learned; fitted once, again after a restart. */
  learnedTable(model: Model): Promise<LearnedTable> {
    const blob = model.upload!.blob;
    let learned = this.learned.get(blob);
    if (learned === undefined) {
      const cardinalities = featureKeys(model).map((key) => model.cardinalities[key]!);
      learned = learnTable(unpackTrainingData(this.blobs.read(blob)), cardinalities);
      this.learned.set(blob, learned);
    }
    return learned;
  }

  newModelId(): string {
    return `mdl_${this.hex(`model ${this.modelsCreated}`).slice(0, 12)}`;
  }

  /** A seed for one purpose: the same in every run that was started with the same `seed`. */
  newSeed(purpose: string): number {
    return Number.parseInt(this.hex(purpose).slice(0, 8), 16);
  }

  private hex(purpose: string): string {
    const { seed } = this.options;
    return seed === undefined
      ? randomBytes(16).toString('hex')
      : createHash('sha256').update(`${seed} ${purpose}`).digest('hex');
  }

  private apply(event: SandboxEvent): void {
    switch (event.type) {
      case 'clock':
        this.clock.set(event.anchor);
        return;
      case 'limits':
        this.limits = { ...this.limits, ...event.limits };
        return;
      case 'faults-added':
        this.faults.add(event.rules);
        return;
      case 'faults-cleared':
        this.faults.clear();
        return;
      case 'trainings-to-fail':
        for (let count = 0; count < event.times; count++) this.failures.push(event.error);
        return;
      case 'request':
        this.applyRequest(event);
        return;
      default:
        event satisfies never;
    }
  }

  private applyRequest({ entry, changes, stored }: Extract<SandboxEvent, { type: 'request' }>): void {
    this.ledger.push(entry);
    if (this.isReplaying) this.recount(entry);
    if (stored !== undefined) this.stored.put(stored);
    for (const change of changes) this.applyChange(change);
  }

  /** What a request counted for when it arrived, before a restart. */
  private recount({ sequence, organization, counted, virtualMs, call }: LedgerEntry): void {
    this.lastSequence = Math.max(this.lastSequence, sequence);
    this.faults.choose(call);
    if (counted) this.windowOf(organization!).count(virtualMs);
  }

  private applyChange(change: Change): void {
    switch (change.type) {
      case 'model-created':
        this.modelsCreated += 1;
        this.models.set(change.model.id, change.model);
        return;
      case 'training-initialized': {
        const model = this.models.get(change.modelId)!;
        this.forgetUpload(model);
        model.upload = change.upload;
        model.training = undefined;
        return;
      }
      case 'training-started':
        this.trainingsStarted += 1;
        if (change.training.failure !== undefined) this.failures.shift();
        this.models.get(change.modelId)!.training = change.training;
        return;
      case 'model-deleted':
        this.forgetUpload(this.models.get(change.modelId)!);
        this.models.delete(change.modelId);
        return;
      case 'rows-billed': {
        const { organization, period, rows } = change;
        this.billed.set(billingKey(organization, period), this.rowsBilled(organization, period) + rows);
        return;
      }
      default:
        change satisfies never;
    }
  }

  private forgetUpload({ upload }: Model): void {
    if (upload === undefined) return;
    this.blobs.remove(upload.blob);
    this.learned.delete(upload.blob);
  }
}

const billingKey = (organization: string, period: string): string => `${organization} ${period}`;

/** Names an organization without telling its key, the same after a restart. */
function organizationOf(key: string): string {
  return `org_${createHash('sha256').update(key).digest('hex').slice(0, 8)}`;
}
