/** One thing that `dxo doctor` looked at. */
export interface Finding {
  subject: string;
  state: 'ok' | 'warn' | 'fail';
  detail: string;
  /** What to do; absent where nothing is to be done. */
  advice?: string;
}

export function failed(subject: string, error: unknown, advice: string): Finding {
  return { subject, state: 'fail', detail: (error as Error).message, advice };
}
