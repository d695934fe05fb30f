/**
 * The signal `cancel`: as Temporal's own cancel, with a reason. A workflow cannot cancel itself (measured: the server does
 * not find it), and one that only fails would not count as cancelled, so an activity asks for it.
 */
import { defineSignal, log, setHandler } from '@temporalio/workflow';
import { CANCEL_SIGNAL, type CancelInput, cancelInputSchema } from '../contract/messages.js';
import { dataStep } from './steps.js';

/** @param description what the Web UI says of it @param because told before the cancel comes, where somebody said why */
export function letBeCancelled(description: string, because: (reason: string) => void): void {
  setHandler(
    defineSignal<[CancelInput?]>(CANCEL_SIGNAL),
    async (input) => {
      const reason = cancelInputSchema.safeParse(input ?? {}).data?.reason;
      if (reason !== undefined) because(reason);
      await dataStep('ask Temporal to cancel it')
        .requestCancel()
        .catch((error: unknown) => log.error('cancel not requested', { reason: String(error) }));
    },
    { description },
  );
}
