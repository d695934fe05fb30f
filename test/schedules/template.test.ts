/** A template names the files of its own night, whatever the zone does to the clocks, and nothing else of a request. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { InputError } from '../../src/contract/input-error.js';
import { renderTemplates, type TemplateContext, templateFaults } from '../../src/contract/template.js';

const NIGHT: TemplateContext = { scheduledAt: new Date('2026-11-22T14:03:07Z'), schedule: 'nightly' };
const render = (uri: string, context = NIGHT): string => renderTemplates({ output: { uri } }, context).output.uri;
const at = (instant: string, timeZone: string): TemplateContext => ({ scheduledAt: new Date(instant), timeZone });

test.each([
  ['plain.csv', 'plain.csv'],
  ['{single} braces', '{single} braces'],
  ['out/{{ scheduled | date }}/a.csv', 'out/2026-11-22/a.csv'],
  ['{{scheduled|date}}', '2026-11-22'],
  ['{{ scheduled | time }}', '14-03-07'],
  ['{{ scheduled | datetime }}', '2026-11-22T14-03-07'],
  ['{{ scheduled }}', '2026-11-22T14-03-07'],
  ['{{ scheduled | year }}/{{ scheduled | month }}/{{ scheduled | day }}/{{ scheduled | hour }}', '2026/11/22/14'],
  ['{{ scheduled | unix }}', '1795356187'],
  ['{{ scheduled | minus: 1d | date }}', '2026-11-21'],
  ['{{ scheduled | minus: 22d | month }}', '10'],
  ['{{ scheduled | plus: 1w | minus: 2h | datetime }}', '2026-11-29T12-03-07'],
  ['{{ scheduled | plus: 90m | hour }}', '15'],
  ['{{ schedule }}.csv', 'nightly.csv'],
])('%s gives %s', (template, rendered) => {
  expect(render(template)).toBe(rendered);
  expect(templateFaults({ output: { uri: template } })).toEqual([]);
});

test.each([
  ['the zone decides the day', '{{ scheduled | date }}', at('2026-11-22T22:30:00Z', 'Europe/Istanbul'), '2026-11-23'],
  [
    'the day before a day of 23 hours',
    '{{ scheduled | minus: 1d | datetime }}',
    at('2026-03-29T22:30:00Z', 'Europe/Berlin'),
    '2026-03-29T00-30-00',
  ],
  [
    'the day before a day of 25 hours',
    '{{ scheduled | minus: 1d | datetime }}',
    at('2026-10-25T23:30:00Z', 'Europe/Berlin'),
    '2026-10-25T00-30-00',
  ],
  [
    'a time that the clocks jump over is later',
    '{{ scheduled | minus: 1d | datetime }}',
    at('2026-03-30T00:30:00Z', 'Europe/Berlin'),
    '2026-03-29T03-30-00',
  ],
  [
    'a time that the clocks show twice is the first',
    '{{ scheduled | minus: 1d | unix }}',
    at('2026-10-26T01:30:00Z', 'Europe/Berlin'),
    String(Date.parse('2026-10-25T00:30:00Z') / 1000),
  ],
  [
    'a midnight that does not exist stays on its day',
    '{{ scheduled | minus: 1d | date }}',
    at('2026-04-24T21:30:00Z', 'Africa/Cairo'),
    '2026-04-24',
  ],
  [
    '24 hours are not a day',
    '{{ scheduled | minus: 24h | datetime }}',
    at('2026-03-29T22:30:00Z', 'Europe/Berlin'),
    '2026-03-28T23-30-00',
  ],
])('%s', (_, template, context, rendered) => {
  expect(render(template, context)).toBe(rendered);
});

test.each([
  ['{{ sheduled }}', /no variable "sheduled"/],
  ['{{ scheduled | dat }}', /no filter "dat".*date, time, datetime/],
  ['{{ scheduled | constructor }}', /no filter "constructor"/],
  ['{{ scheduled | minus: 1 }}', /is not a shift/],
  ['{{ scheduled | minus }}', /is not a shift/],
  ['{{ scheduled | date | minus: 1d }}', /Nothing can follow the filter date/],
  ['{{ schedule | date }}', /takes no filter/],
  ['{{ }}', /no variable ""/],
  ['{{ scheduled', /not balanced/],
  ['scheduled }}', /not balanced/],
  ['}} {{ scheduled', /not balanced/],
  ['{{ {{ scheduled }} }}', /not balanced/],
])('%s is refused, with its place and what there is', (uri, says) => {
  const request = { kind: 'generate', defaults: { output: { uri } } };
  const refused = expect.objectContaining({ code: 'request_invalid', param: 'defaults.output.uri' });
  expect(() => renderTemplates(request, NIGHT)).toThrow(refused);
  expect(() => renderTemplates(request, NIGHT)).toThrow(says);
  expect(templateFaults(request)).toEqual([{ param: 'defaults.output.uri', message: expect.stringMatching(says) }]);
});

test('a schedule whose name would leave the folder is refused, and so is one that does not exist', () => {
  for (const schedule of ['a/b', '..', '.', 'x.', '\\', undefined]) {
    expect(() => render('{{ schedule }}', { ...NIGHT, schedule })).toThrow(InputError);
  }
});

test('a zone that does not exist is refused by its name', () => {
  expect(() => render('x', { ...NIGHT, timeZone: 'Mars/Base' })).toThrow(
    expect.objectContaining({ param: 'timeZone' }),
  );
});

test('every fault of a request is listed', () => {
  const faults = templateFaults({ table: { uri: '{{ a }}' }, output: { uri: '{{' }, list: [{ uri: '}}' }] });
  expect(faults.map(({ param }) => param)).toEqual(['table.uri', 'output.uri', 'list.0.uri']);
});

test('nothing but a uri is a template', () => {
  const json = fc.jsonValue({ noUnicodeString: false }).map((value) => ({
    name: '{{ scheduled | date }}',
    nulls: ['{{', '{{ x }}'],
    value: JSON.parse(JSON.stringify(value).replaceAll('"uri"', '"url"')) as unknown,
  }));
  fc.assert(
    fc.property(json, (request) => {
      expect(renderTemplates(request, NIGHT)).toEqual(request);
    }),
    { seed: 4, numRuns: 200 },
  );
});

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Africa/Cairo', 'Australia/Lord_Howe'];
const moments = fc.record({
  scheduledAt: fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
  timeZone: fc.constantFrom(...ZONES),
});

test('days before and after are those of the calendar, in every zone', () => {
  fc.assert(
    fc.property(moments, fc.integer({ min: 0, max: 800 }), fc.constantFrom('plus', 'minus'), (moment, days, way) => {
      const today = Date.parse(`${render('{{ scheduled | date }}', moment)}T00:00:00Z`);
      const shifted = new Date(today + (way === 'plus' ? days : -days) * 86_400_000).toISOString().slice(0, 10);
      expect(render(`{{ scheduled | ${way}: ${days}d | date }}`, moment)).toBe(shifted);
    }),
    { seed: 4, numRuns: 300 },
  );
});

test('what is rendered never leaves the folder it is put in', () => {
  const filter = fc.constantFrom('date', 'time', 'datetime', 'year', 'month', 'day', 'hour', 'unix', 'plus: 3h');
  fc.assert(
    fc.property(moments, fc.string(), filter, (moment, schedule, name) => {
      const context = { ...moment, schedule };
      expect(render(`{{ scheduled | ${name} }}`, context)).toMatch(/^[0-9T-]+$/);
      try {
        expect(render('{{ schedule }}', context)).not.toMatch(/\/|\.\./);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }),
    { seed: 4, numRuns: 300 },
  );
});
