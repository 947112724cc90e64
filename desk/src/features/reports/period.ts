/** What a report asks for, from what stands in the address bar. Pure. */
import { dayOf, startOfDay } from '@/shared/i18n/days';
import type { TableSearch } from '@/shared/table/state';

export const PERIODS = ['today', 'yesterday', 'week', 'month', 'thisMonth', 'lastMonth', 'custom'] as const;
export type Period = (typeof PERIODS)[number];

export const INTERVALS = ['15m', '30m', '60m', 'day', 'week', 'month'] as const;
export type Interval = (typeof INTERVALS)[number];

export const TARGETS = ['10', '15', '20', '30', '45', '60', '90', '120'] as const;
export const REPEAT_DAYS = ['1', '3', '7', '14', '30'] as const;

export interface ReportQuery {
  readonly since: string;
  readonly until: string;
  readonly time_zone: string;
  readonly interval: Interval;
  readonly project_id?: string;
  readonly queue_id?: string;
  readonly operator_id?: string;
  readonly channel?: string;
  readonly direction?: 'in' | 'out';
  readonly target?: number;
  readonly repeat_days?: number;
}

const isOf = <T extends string>(known: readonly T[], value: unknown): value is T => known.some((one) => one === value);

export function periodOf(search: TableSearch): Period {
  return isOf(PERIODS, search.period) ? search.period : 'week';
}

/** A day so many days after another, on the calendar. */
export function addDays(day: string, days: number): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

const monthStart = (day: string): string => `${day.slice(0, 7)}-01`;

/** First and last day of a period, both included. */
export function daysOf(search: TableSearch, today: string): readonly [string, string] {
  switch (periodOf(search)) {
    case 'today':
      return [today, today];
    case 'yesterday':
      return [addDays(today, -1), addDays(today, -1)];
    case 'week':
      return [addDays(today, -6), today];
    case 'month':
      return [addDays(today, -29), today];
    case 'thisMonth':
      return [monthStart(today), today];
    case 'lastMonth': {
      const last = addDays(monthStart(today), -1);
      return [monthStart(last), last];
    }
    case 'custom': {
      const from = dayIn(search.from) ?? addDays(today, -6);
      const to = dayIn(search.to) ?? today;
      return from <= to ? [from, to] : [to, from];
    }
  }
}

function dayIn(value: unknown): string | null {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value)) ? value : null;
}

export function lengthOf([from, to]: readonly [string, string]): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1;
}

const MOST = 3000; // intervals that the server shows in one report
const PER_DAY: Readonly<Record<Interval, number>> = { '15m': 96, '30m': 48, '60m': 24, day: 1, week: 1 / 7, month: 1 / 30 };

/** What fits the period: a day by half-hours, weeks by days, years by months. */
export function intervalFor(days: number): Interval {
  if (days <= 2) return '30m';
  if (days <= 62) return 'day';
  return days <= 400 ? 'week' : 'month';
}

export function intervalsFor(days: number): readonly Interval[] {
  return INTERVALS.filter((one) => days * PER_DAY[one] <= MOST && (PER_DAY[one] >= 1 || days > 1));
}

export function intervalOf(search: TableSearch, days: number): Interval {
  return isOf(intervalsFor(days), search.interval) ? search.interval : intervalFor(days);
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

function number(value: unknown): number | undefined {
  const parsed = Number(value);
  return value !== undefined && Number.isFinite(parsed) && parsed > 0 ? parsed : undefined;
}

/** `now` in milliseconds since the epoch. */
export function queryOf(search: TableSearch, zone: string, now: number): ReportQuery {
  const today = dayOf(new Date(now).toISOString(), zone) ?? '1970-01-01';
  const days = daysOf(search, today);
  const direction = search.direction === 'in' || search.direction === 'out' ? search.direction : undefined;
  const all = {
    since: startOfDay(days[0], zone),
    until: startOfDay(addDays(days[1], 1), zone),
    time_zone: zone,
    interval: intervalOf(search, lengthOf(days)),
    project_id: text(search.project_id),
    queue_id: text(search.queue_id),
    operator_id: text(search.operator_id),
    channel: text(search.channel),
    direction,
    target: number(search.target),
    repeat_days: number(search.repeat_days),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as unknown as ReportQuery;
}

/** The same period and filters, narrowed to what was pressed. */
function searchOf(query: ReportQuery, narrowed: Readonly<Record<string, string | null>>): Record<string, string> {
  const all: Readonly<Record<string, string | number | null | undefined>> = { ...query, ...narrowed, interval: null };
  return Object.fromEntries(Object.entries(all).flatMap(([key, value]) => (value === null || value === undefined ? [] : [[key, String(value)]])));
}

/** Where the rows behind a number are. */
export function rowsSearch(query: ReportQuery, measure: string, narrowed: Readonly<Record<string, string | null>> = {}): Record<string, string> {
  return searchOf(query, { measure, ...narrowed });
}

/** Where the pieces of time behind occupancy are; of the people whom the whole report is about. */
export function spansSearch(query: ReportQuery, what: string | null, narrowed: Readonly<Record<string, string>> = {}): Record<string, string> {
  return searchOf(query, { what, whole_since: query.since, whole_until: query.until, ...narrowed });
}
