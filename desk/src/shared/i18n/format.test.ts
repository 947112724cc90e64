import { expect, it, vi } from 'vitest';

vi.mock('@/shared/session/session', () => ({ useSessionState: () => ({ session: null }) }));
const { createFormat } = await import('./format');

const of = (language: string, timeZone = 'Europe/Chisinau') => createFormat({ language, timeZone });

it('writes dates as the language does, in the time zone of the person', () => {
  const at = '2026-11-22T22:30:00Z';
  expect(of('en').dateTime(at)).toBe('23/11/2026, 00:30');
  expect(of('ru').dateTime(at)).toBe('23.11.2026, 00:30');
  expect(of('ro').dateTime(at)).toBe('23.11.2026, 00:30');
  expect(of('ru', 'UTC').dateTime(at)).toBe('22.11.2026, 22:30');
  expect(['en', 'ru', 'ro'].map((language) => of(language).time(at))).toEqual(['00:30', '00:30', '00:30']);
});

it('does not move a calendar date into another day', () => {
  expect(of('ru', 'Pacific/Auckland').date('2026-11-22')).toBe('22.11.2026');
  expect(of('ru', 'America/Los_Angeles').date('2026-11-22')).toBe('22.11.2026');
});

it('sorts by the language: ș after s, ё with е', () => {
  expect(['Ștefan', 'Tudor', 'Sandu'].sort(of('ro').compare)).toEqual(['Sandu', 'Ștefan', 'Tudor']);
  expect(['Яна', 'Ёлка', 'Жан'].sort(of('ru').compare)).toEqual(['Ёлка', 'Жан', 'Яна']);
});

it('begins the week on Monday', () => {
  expect(of('en').weekday(0, 'long')).toBe('Monday');
  expect(of('ro').weekday(6, 'long')).toBe('duminică');
});

it('writes sizes in words that fit', () => {
  expect(of('en').bytes(31_000_000)).toBe('31 MB');
  expect(of('ru').bytes(183_400_000_000)).toBe('183,4 ГБ');
});
