/** Small schedules files for tests. */
import { readSchedules, type ScheduleBook } from '../../src/client/schedules/read-schedules.js';

export const TRAIN = { train: { table: { uri: '/data/in.csv' } } };

/** A book of these schedules; each runs a training every day unless it says otherwise. */
export function bookOf(book: string, ...schedules: object[]): ScheduleBook {
  const full = schedules.map((schedule) => {
    const when = ['cron', 'calendar', 'interval'].some((name) => name in schedule) ? {} : { cron: '30 2 * * *' };
    return { ...when, run: TRAIN, ...schedule };
  });
  return readSchedules(JSON.stringify({ version: 1, book, schedules: full }), 'schedules.yaml');
}
