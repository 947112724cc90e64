import { expect, it } from 'vitest';
import { parseDate, parseTime } from './dates';

const today = new Date(2026, 10, 22);

it.each([
  ['22.11.2026', '2026-11-22'],
  ['22/11/26', '2026-11-22'],
  ['1.2', '2026-02-01'],
  ['2026-11-05', '2026-11-05'],
  [' 05.03.2027. ', '2027-03-05'],
  ['31.02.2026', null],
  ['11/22/2026', null],
  ['tomorrow', null],
  ['', null],
])('reads the date %j as %j', (text, iso) => {
  expect(parseDate(text, today)).toBe(iso);
});

it.each([
  ['9', '09:00'],
  ['930', '09:30'],
  ['9:05', '09:05'],
  ['18.30', '18:30'],
  ['23:59', '23:59'],
  ['24:00', null],
  ['9:75', null],
  ['noon', null],
])('reads the time %j as %j', (text, time) => {
  expect(parseTime(text)).toBe(time);
});

it('lets a day end at midnight', () => {
  expect(parseTime('24', true)).toBe('24:00');
  expect(parseTime('24:30', true)).toBeNull();
});
