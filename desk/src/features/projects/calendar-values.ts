import type { Calendar } from '@/shared/api/types';
import type { Span } from './hours';

export interface Exception {
  readonly date: string;
  readonly name: string;
  /** Both, or none for a closed day. */
  readonly opens: string | null;
  readonly closes: string | null;
}

export interface CalendarValues {
  project_id: string | null;
  name: string;
  time_zone: string;
  country: string | null;
  subdivision: string | null;
  observe_holidays: boolean;
  hours: Span[];
  exceptions: Exception[];
}

export function toValues(calendar: Calendar): CalendarValues {
  const { project_id, name, time_zone, country, subdivision, observe_holidays, hours } = calendar;
  const exceptions = calendar.exceptions.map((one) => ({ date: one.date, name: one.name, opens: one.opens ?? null, closes: one.closes ?? null }));
  return { project_id, name, time_zone, country, subdivision, observe_holidays, hours, exceptions };
}

const OFFICE_DAYS = [0, 1, 2, 3, 4];

export function newCalendar(projectId: string | null, timeZone: string): CalendarValues {
  return {
    project_id: projectId,
    name: '',
    time_zone: timeZone,
    country: null,
    subdivision: null,
    observe_holidays: false,
    hours: OFFICE_DAYS.map((weekday) => ({ weekday, opens: '09:00', closes: '18:00' })),
    exceptions: [],
  };
}
