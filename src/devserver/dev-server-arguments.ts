/**
 * How the dev server is told to run. Each flag was measured (docs/architecture.md): by default a step waits about 45 ms
 * for a queue that is looked at 20 times a second; a file database without WAL halves the throughput; four partitions
 * make the rate of a task queue inexact.
 */
import { LOOPBACK } from './free-port.js';

export interface DevServerArguments {
  port: number;
  /** Without one there is no Web UI. */
  uiPort?: number | undefined;
  /** Without one everything is lost when the server ends. */
  databaseFile?: string | undefined;
  /** Beside `default`, which always exists. */
  namespaces?: readonly string[] | undefined;
  /** Of every task queue. One makes the rate limit of a queue exact and priorities strict. @default 1 */
  partitions?: 1 | 4 | undefined;
  /** Timers and retries fire within about 10 ms of their time instead of about 1 s. */
  fastTimers?: boolean | undefined;
}

export function devServerArguments(options: DevServerArguments): string[] {
  const { port, uiPort, databaseFile, namespaces = [], partitions = 1, fastTimers = false } = options;
  const dynamic = {
    'history.transferProcessorMaxPollRPS': 1000,
    'matching.numTaskqueueReadPartitions': partitions,
    'matching.numTaskqueueWritePartitions': partitions,
    'matching.enableFairness': true,
    ...(fastTimers ? { 'history.timerProcessorMaxPollRPS': 1000, 'history.timerProcessorMaxTimeShift': '10ms' } : {}),
  };
  return [
    ...['server', 'start-dev', '--ip', LOOPBACK, '--port', `${port}`],
    ...(uiPort === undefined
      ? ['--headless']
      : ['--ui-ip', LOOPBACK, '--ui-port', `${uiPort}`, '--ui-disable-news-fetch']),
    ...(databaseFile === undefined ? [] : ['--db-filename', databaseFile]),
    ...(databaseFile === undefined
      ? []
      : ['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal']),
    ...namespaces.flatMap((name) => ['--namespace', name]),
    ...Object.entries(dynamic).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${JSON.stringify(value)}`]),
    ...['--log-level', 'error'],
  ];
}
