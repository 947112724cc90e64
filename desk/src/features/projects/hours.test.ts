import { describe, expect, it } from 'vitest';
import { bands, copyDay, lengthOf, nextSpan, overlapping, weekMinutes, type Span } from './hours';

const span = (weekday: number, opens: string, closes: string): Span => ({ weekday, opens, closes });

describe('weekly hours', () => {
  it('end on the next day when they close at or before they open', () => {
    expect(lengthOf(span(0, '22:00', '06:00'))).toBe(8 * 60);
    expect(lengthOf(span(0, '09:00', '00:00'))).toBe(15 * 60);
    expect(lengthOf(span(0, '00:00', '00:00'))).toBe(24 * 60);
  });

  it('are drawn on both days when they pass midnight, and from Sunday into Monday', () => {
    expect(bands([span(6, '18:00', '06:00')])).toEqual([
      { weekday: 6, from: 0.75, to: 1 },
      { weekday: 0, from: 0, to: 0.25 },
    ]);
    expect(bands([span(2, '00:00', '00:00')])).toEqual([{ weekday: 2, from: 0, to: 1 }]);
  });

  it('tell when two spans of a day overlap, not when they touch', () => {
    expect(overlapping([span(0, '09:00', '13:00'), span(0, '12:00', '18:00')], 0)).toBe(true);
    expect(overlapping([span(0, '09:00', '13:00'), span(0, '13:00', '18:00')], 0)).toBe(false);
    expect(overlapping([span(0, '09:00', '13:00'), span(1, '12:00', '18:00')], 0)).toBe(false);
  });

  it('are copied to other days, replacing what was there', () => {
    const hours = [span(0, '09:00', '18:00'), span(1, '10:00', '11:00'), span(6, '10:00', '12:00')];
    expect(copyDay(hours, 0, [1, 2])).toEqual([span(0, '09:00', '18:00'), span(6, '10:00', '12:00'), span(1, '09:00', '18:00'), span(2, '09:00', '18:00')]);
  });

  it('offer office hours for an empty day and a span after the last one otherwise', () => {
    expect(nextSpan([], 3)).toEqual(span(3, '09:00', '18:00'));
    expect(nextSpan([span(3, '09:00', '13:00')], 3)).toEqual(span(3, '14:00', '16:00'));
  });

  it('add up', () => {
    expect(weekMinutes([span(0, '09:00', '18:00'), span(1, '22:00', '02:00')])).toBe(13 * 60);
  });
});
