import { useTranslation } from 'react-i18next';
import { plain } from '@/shared/form/plain';
import { useFormat } from '@/shared/i18n/format';
import type { CalendarValues } from './calendar-values';

/** Labels of a calendar's fields, and its values in words for the comparison of two versions. */
export function useDescribeCalendar() {
  const { t } = useTranslation(['projects', 'common']);
  const format = useFormat();
  const labels = {
    project_id: t('field.project'),
    name: t('field.title'),
    time_zone: t('field.timeZone'),
    country: t('field.country'),
    subdivision: t('field.subdivision'),
    observe_holidays: t('field.observeHolidays'),
    hours: t('week.title'),
    exceptions: t('exceptions.title'),
  };
  const describe = (field: string, value: unknown): string => {
    if (value === null || value === '') return '—';
    if (field === 'observe_holidays') return t(value === true ? 'common:yes' : 'common:no');
    if (field === 'country') return format.country(value as string);
    if (field === 'hours') {
      return format.list((value as CalendarValues['hours']).map((span) => `${format.weekday(span.weekday, 'short')} ${span.opens}–${span.closes}`));
    }
    if (field === 'exceptions') {
      return format.list((value as CalendarValues['exceptions']).map((one) => `${format.date(one.date)} ${one.opens === null ? t('exceptions.closed') : `${one.opens}–${one.closes ?? ''}`}`));
    }
    return plain(value);
  };
  return [labels, describe] as const;
}
