import { ActionIcon } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Got } from '@/shared/api/types';
import { useFormat } from '@/shared/i18n/format';
import { Panel } from '@/shared/ui/page';
import { WEEKDAYS } from './hours';
import classes from './projects.module.css';

type Day = Got<'/api/calendars/{calendar_id}/days'>[number];

const iso = (date: Date): string => date.toISOString().slice(0, 10);

/** A month as the server computes it: weekly hours, public holidays and exceptions together. */
export function Preview({ id, version }: { readonly id: string; readonly version: number }) {
  const { t, i18n } = useTranslation(['projects', 'common']);
  const format = useFormat();
  const [offset, setOffset] = useState(0);
  const now = new Date();
  const first = new Date(Date.UTC(now.getFullYear(), now.getMonth() + offset, 1));
  const last = new Date(Date.UTC(now.getFullYear(), now.getMonth() + offset + 1, 0));
  const days = useQuery({
    queryKey: ['calendars', 'days', id, version, offset, i18n.language],
    queryFn: ({ signal }) =>
      call(
        api.GET('/api/calendars/{calendar_id}/days', {
          params: { path: { calendar_id: id }, query: { start: iso(first), end: iso(last) }, header: { 'accept-language': i18n.language } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
  const lead = (first.getUTCDay() + 6) % 7;
  const noted = (days.data ?? []).filter((day) => (day.exception ?? day.holiday) != null);
  return (
    <Panel title={t('preview.title')}>
      <div className={classes.monthHead}>
        <ActionIcon variant="subtle" color="gray" aria-label={t('preview.previous')} onClick={() => setOffset(offset - 1)}>
          <IconChevronLeft size={16} aria-hidden />
        </ActionIcon>
        <span aria-live="polite">{format.month(first)}</span>
        <ActionIcon variant="subtle" color="gray" aria-label={t('preview.next')} onClick={() => setOffset(offset + 1)}>
          <IconChevronRight size={16} aria-hidden />
        </ActionIcon>
      </div>
      <ol className={classes.month} style={{ '--lead': lead + 1 } as React.CSSProperties}>
        {WEEKDAYS.map((day) => (
          <li key={`name-${day}`} className={classes.monthName} aria-hidden>
            {format.weekday(day, 'short')}
          </li>
        ))}
        {days.data?.map((day) => <DayCell key={day.date} day={day} />)}
      </ol>
      <ul className={classes.noted}>
        {noted.map((day) => (
          <li key={day.date}>
            <time dateTime={day.date}>{format.date(day.date)}</time> {day.exception ?? day.holiday}
            {day.open.length === 0 ? ` · ${t('exceptions.closed')}` : ` · ${spans(day)}`}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Times stand on the calendar's own wall clock: RFC 3339 carries it before the offset. */
function spans(day: Day): string {
  return day.open.map((span) => `${span.opens.slice(11, 16)}–${span.closes.slice(11, 16)}`).join(', ');
}

function DayCell({ day }: { readonly day: Day }) {
  const { t } = useTranslation(['projects', 'common']);
  const format = useFormat();
  const kind = day.exception != null ? 'exception' : day.open.length === 0 ? 'closed' : 'open';
  const hours = day.open.length === 0 ? t('exceptions.closed') : spans(day);
  const label = [format.date(day.date), day.exception ?? day.holiday, hours].filter(Boolean).join(', ');
  return (
    <li className={classes.monthDay} data-kind={kind} data-holiday={day.holiday != null} title={label}>
      <span aria-hidden>{Number(day.date.slice(8))}</span>
      <span className="visually-hidden">{label}</span>
    </li>
  );
}
