import { describe, expect, it } from 'vitest';
import { addDays, daysOf, intervalFor, intervalsFor, lengthOf, queryOf, rowsSearch } from './period';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const ZONE = 'Europe/Chisinau';

describe('the period of a report', () => {
  it.each([
    ['today', '2026-11-22', '2026-11-22'],
    ['yesterday', '2026-11-21', '2026-11-21'],
    ['week', '2026-11-16', '2026-11-22'],
    ['thisMonth', '2026-11-01', '2026-11-22'],
    ['lastMonth', '2026-10-01', '2026-10-31'],
  ])('%s goes from day to day, both included', (period, from, to) => {
    expect(daysOf({ period }, '2026-11-22')).toEqual([from, to]);
  });

  it('puts days in order when they were chosen the other way round', () => {
    expect(daysOf({ period: 'custom', from: '2026-11-05', to: '2026-11-01' }, '2026-11-22')).toEqual(['2026-11-01', '2026-11-05']);
  });

  it('takes the standard for a day that is none', () => {
    expect(daysOf({ period: 'custom', from: '2026-13-77', to: 'x' }, '2026-11-22')).toEqual(['2026-11-16', '2026-11-22']);
  });

  it('begins and ends at midnight of the zone, over a change of clocks too', () => {
    const query = queryOf({ period: 'custom', from: '2026-10-25', to: '2026-10-25' }, ZONE, NOW);
    expect([query.since, query.until]).toEqual(['2026-10-24T21:00:00.000Z', '2026-10-25T22:00:00.000Z']);
  });

  it('steps over the end of a year', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(lengthOf(['2026-12-31', '2027-01-01'])).toBe(2);
  });
});

describe('the intervals of a report', () => {
  it('never ask for more rows than the server shows', () => {
    for (const days of [1, 2, 31, 62, 63, 366, 2000]) {
      expect(intervalsFor(days)).toContain(intervalFor(days));
      const query = queryOf({ period: 'custom', from: '2020-01-01', to: addDays('2020-01-01', days - 1), interval: '15m' }, ZONE, NOW);
      expect(intervalsFor(days)).toContain(query.interval);
    }
  });
});

describe('the rows behind a number', () => {
  it('carry the filters of the report, narrowed to the row of the table, and no interval', () => {
    const query = queryOf({ period: 'today', queue_id: 'q', target: '30' }, ZONE, NOW);
    const rows = rowsSearch(query, 'answered', { operator_id: 'o', since: '2026-11-22T08:00:00Z' });
    expect(rows).toEqual({
      since: '2026-11-22T08:00:00Z',
      until: query.until,
      time_zone: ZONE,
      queue_id: 'q',
      target: '30',
      operator_id: 'o',
      measure: 'answered',
    });
  });
});
