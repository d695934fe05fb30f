/**
 * The only maker of loggers: pino, one JSON object a line, secrets redacted by path.
 * Inside activities and workflows use Temporal's own `log`: it adds workflow id, type and attempt, and is silent in replay.
 */
import { DefaultLogger, type Logger as TemporalLogger } from '@temporalio/worker';
import { type DestinationStream, type Logger, pino } from 'pino';

const SECRETS = [
  'apiKey',
  '*.apiKey',
  'authorization',
  '*.authorization',
  'headers.authorization',
  '*.headers.authorization',
];

export function makeLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRETS, censor: '[redacted]' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** Temporal's lines through ours. A task token can complete an activity, so no line carries one. */
export function temporalLogger(log: Logger, level: 'DEBUG' | 'INFO' | 'WARN' = 'INFO'): TemporalLogger {
  return new DefaultLogger(level, ({ level: entryLevel, message, meta }) => {
    const { taskToken: _, ...fields } = meta ?? {};
    log[entryLevel.toLowerCase() as 'trace' | 'debug' | 'info' | 'warn' | 'error'](fields, message);
  });
}
