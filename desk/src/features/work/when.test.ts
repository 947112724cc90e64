import { describe, expect, it } from 'vitest';
import { inMinutes, momentOf, nextRound, quick, wallOf } from './when';

const at = (hour: number, minute = 0): Date => new Date(2026, 10, 30, hour, minute);

describe('when a call-back is promised for', () => {
  it('a wall clock and its moment are the same', () => expect(momentOf(wallOf(at(14, 5)))).toEqual(at(14, 5)));
  it('nonsense is no moment', () => expect(momentOf({ date: '2026-13-01', time: '10:00' })).toBeNull());
  it.each([
    [at(10, 0), '10:15'],
    [at(10, 1), '10:30'],
    [at(10, 14), '10:30'],
  ])('the next round quarter is a quarter away', (now, time) => expect(nextRound(now).time).toBe(time));
  it('tomorrow may be another month', () => expect(quick(at(10)).map((one) => `${one.wall.date} ${one.wall.time}`)).toEqual(['2026-11-30 14:00', '2026-12-01 09:00', '2026-12-01 14:00']));
  it('this afternoon is offered before noon', () => expect(quick(at(15)).map((one) => one.id)).toEqual(['tomorrow', 'tomorrowAfternoon']));
  it('in half an hour may be tomorrow', () => expect(inMinutes(at(23, 45), 30)).toEqual({ date: '2026-12-01', time: '00:15' }));
});
