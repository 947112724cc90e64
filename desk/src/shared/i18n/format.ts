import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useSessionState } from '@/shared/session/session';

export interface FormatSettings {
  readonly language: string;
  readonly timeZone: string | undefined;
}

export interface Format {
  readonly date: (value: string | Date) => string;
  readonly dateTime: (value: string | Date) => string;
  /** Of the day: 14:05. */
  readonly time: (value: string | Date) => string;
  /** With seconds: for trails and logs. */
  readonly exact: (value: string | Date) => string;
  readonly weekday: (index: number, width: 'short' | 'long') => string;
  readonly month: (date: Date) => string;
  readonly ago: (value: string | Date, now: Date) => string;
  readonly number: (value: number) => string;
  readonly bytes: (value: number) => string;
  readonly language: (code: string) => string;
  readonly country: (code: string) => string;
  readonly compare: (a: string, b: string) => number;
  readonly list: (values: readonly string[]) => string;
}

// English is written the European way here: the day stands before the month and clocks run to 24.
const LOCALES: Readonly<Record<string, string>> = { en: 'en-GB', ru: 'ru-RU', ro: 'ro-MD' };
const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
const AGO_STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];
const DATE_ONLY = /^\d{4}-\d{2}-\d{2}$/;

export function createFormat({ language, timeZone }: FormatSettings): Format {
  const locale = LOCALES[language] ?? language;
  const zone = timeZone === undefined ? {} : { timeZone };
  const day = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  const minute = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const dates = new Intl.DateTimeFormat(locale, { ...day, ...zone });
  const plainDates = new Intl.DateTimeFormat(locale, { ...day, timeZone: 'UTC' });
  const times = new Intl.DateTimeFormat(locale, { ...day, ...minute, ...zone });
  const clocks = new Intl.DateTimeFormat(locale, { ...minute, ...zone });
  const exact = new Intl.DateTimeFormat(locale, { ...day, ...minute, second: '2-digit', ...zone });
  const months = new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric', timeZone: 'UTC' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const numbers = new Intl.NumberFormat(locale);
  const languages = new Intl.DisplayNames(locale, { type: 'language', fallback: 'code' });
  const countries = new Intl.DisplayNames(locale, { type: 'region', fallback: 'code' });
  const collator = new Intl.Collator(locale, { numeric: true, sensitivity: 'base' });
  return {
    // A calendar date has no time zone: 22 November is that day everywhere.
    date: (value) =>
      typeof value === 'string' && DATE_ONLY.test(value) ? plainDates.format(new Date(`${value}T00:00:00Z`)) : dates.format(new Date(value)),
    dateTime: (value) => times.format(new Date(value)),
    time: (value) => clocks.format(new Date(value)),
    exact: (value) => exact.format(new Date(value)),
    // 2024-01-01 was a Monday.
    weekday: (index, width) =>
      new Intl.DateTimeFormat(locale, { weekday: width, timeZone: 'UTC' }).format(new Date(Date.UTC(2024, 0, 1 + index))),
    month: (date) => months.format(date),
    ago(value, now) {
      const seconds = Math.round((new Date(value).getTime() - now.getTime()) / 1000);
      for (const [unit, size] of AGO_STEPS) {
        if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
      }
      return relative.format(0, 'minute');
    },
    number: (value) => numbers.format(value),
    bytes(value) {
      const step = value < 1000 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(value) / 3));
      return new Intl.NumberFormat(locale, {
        style: 'unit',
        unit: BYTE_UNITS[step] ?? 'byte',
        maximumFractionDigits: step >= 3 ? 1 : 0,
      }).format(value / 1000 ** step);
    },
    language: (code) => languages.of(code) ?? code,
    country: (code) => countries.of(code) ?? code,
    compare: (a, b) => collator.compare(a, b),
    list: (values) => values.join(', '),
  };
}

export function useFormat(): Format {
  const { i18n } = useTranslation();
  const { session } = useSessionState();
  const timeZone = session?.person.time_zone;
  return useMemo(() => createFormat({ language: i18n.language, timeZone }), [i18n.language, timeZone]);
}
