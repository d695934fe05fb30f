/**
 * How an operator steers a running job: updates with validators, which answer with where the job is then, and the
 * signal `cancel` (cancel-signal.ts). All can be sent from the Web UI, the `temporal` command or any SDK.
 */
import { defineQuery, defineUpdate, setHandler } from '@temporalio/workflow';
import type { z } from 'zod';
import type { ModelId } from '../contract/ids.js';
import { makeFailure } from '../contract/make-failure.js';
import {
  type AdoptInput,
  adoptInputSchema,
  type ExtendInput,
  extendInputSchema,
  type JobPlan,
  type JobStatus,
  QUERIES,
  type SetPriorityInput,
  setPriorityInputSchema,
  UPDATES,
} from '../contract/messages.js';
import { describeStage } from '../contract/stage.js';
import { letBeCancelled } from './cancel-signal.js';
import { parseInput } from './parse-request.js';

/** What the job lets itself be told. */
export interface Steered {
  status: () => JobStatus;
  plan: () => JobPlan;
  canResume: () => boolean;
  resume: () => void;
  /** False: nothing there has an end that could be moved. */
  canExtend: () => boolean;
  extend: (ms: number) => void;
  setPriority: (input: SetPriorityInput) => void;
  keepModel: () => void;
  /** Rows that are there if the generation ends now; undefined where none is under way. */
  rowsToSalvage: () => number | undefined;
  salvage: () => void;
  /** Whether it waits for somebody to name its model. */
  canAdopt: () => boolean;
  adopt: (modelId: ModelId) => void;
  cancelledBecause: (reason: string) => void;
}

export function letBeSteered(job: Steered): void {
  setHandler(defineQuery<JobStatus>(QUERIES.status), job.status, {
    description: 'Where the job is, since when, what it waits for, and what it has asked of the API',
  });
  setHandler(defineQuery<JobPlan>(QUERIES.plan), job.plan, {
    description: 'What the job will ask of the API, as far as it knows yet',
  });

  steerBy(UPDATES.resume, 'Go on now: no input. For a job that is held, or that waits because the API is down', {
    refuse: () => (job.canResume() ? undefined : ['not_waiting', 'nothing that it waits for can be cut short']),
    act: job.resume,
  });
  steerBy(UPDATES.extend, 'More time before the deadline, or for the training: {"seconds": 3600}', {
    schema: extendInputSchema,
    refuse: () => (job.canExtend() ? undefined : ['no_deadline', 'it has no deadline, and no training runs']),
    act: ({ seconds }: ExtendInput) => job.extend(seconds * 1_000),
  });
  steerBy(
    UPDATES.setPriority,
    'Whose turn comes first, from the next request on: {"priority": 1, "fairnessKey": "acme"}',
    {
      schema: setPriorityInputSchema,
      act: (input: SetPriorityInput) => job.setPriority(input),
    },
  );
  steerBy(UPDATES.keep, 'Keep the model when the job ends: no input', {
    refuse: () =>
      ['deleting', 'done', 'failed', 'cancelled'].includes(job.status().stage.stage)
        ? ['too_late', 'its model is being deleted, or its end is decided']
        : undefined,
    act: job.keepModel,
  });
  steerBy(UPDATES.salvage, 'End the generation now, and write the rows that are there: no input', {
    refuse: () =>
      (job.rowsToSalvage() ?? 0) > 0 ? undefined : ['nothing_to_salvage', 'no chunk of rows is there yet'],
    act: job.salvage,
  });
  steerBy(
    UPDATES.adopt,
    'Go on with a model that is there: {"modelId": "mdl_…"}. For a job that is held at its creation',
    {
      schema: adoptInputSchema,
      refuse: () => (job.canAdopt() ? undefined : ['not_waiting', 'it does not wait for a model to be named']),
      act: ({ modelId }: AdoptInput) => job.adopt(modelId),
    },
  );

  letBeCancelled('End the job and clean up, with a reason: {"reason": "wrong table"}', job.cancelledBecause);

  function steerBy<Input>(
    name: string,
    description: string,
    {
      schema,
      refuse,
      act,
    }: {
      schema?: z.ZodType<Input>;
      /** A code, and why not. */
      refuse?: () => [string, string] | undefined;
      act: (input: Input) => void;
    },
  ): void {
    setHandler(
      defineUpdate<JobStatus, [Input]>(name),
      (input: Input) => {
        act(input);
        return job.status();
      },
      {
        description,
        validator: (input: Input) => {
          if (schema !== undefined) parseInput(schema, input, `The update ${name}`);
          const refusal = refuse?.();
          if (refusal === undefined) return;
          const [code, why] = refusal;
          throw makeFailure({
            message: `The job cannot ${name}: ${why}. It is ${describeStage(job.status().stage).replace(/\.$/, '')}.`,
            nonRetryable: true,
            details: { code },
          });
        },
      },
    );
  }
}
