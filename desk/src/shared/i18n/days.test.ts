import { expect, it } from 'vitest';
import { dayOf, endOfDay, startOfDay } from './days';

it('begins and ends a day by the clock of the place', () => {
  expect(startOfDay('2026-11-22', 'Europe/Chisinau')).toBe('2026-11-21T22:00:00.000Z');
  expect(endOfDay('2026-11-22', 'Europe/Chisinau')).toBe('2026-11-22T21:59:59.999Z');
});

it('knows that a day with a clock change has 23 or 25 hours', () => {
  expect(startOfDay('2026-03-29', 'Europe/Chisinau')).toBe('2026-03-28T22:00:00.000Z');
  expect(endOfDay('2026-03-29', 'Europe/Chisinau')).toBe('2026-03-29T20:59:59.999Z');
});

it('comes back to the same day', () => {
  for (const zone of ['UTC', 'Asia/Tokyo', 'America/New_York']) {
    expect(dayOf(startOfDay('2026-06-01', zone), zone)).toBe('2026-06-01');
    expect(dayOf(endOfDay('2026-06-01', zone), zone)).toBe('2026-06-01');
  }
  expect(dayOf('nonsense', 'UTC')).toBeNull();
});
