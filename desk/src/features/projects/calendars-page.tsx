import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Calendar } from '@/shared/api/types';
import { useFormat } from '@/shared/i18n/format';
import { useNames, useOptions } from '@/shared/live/cards';
import { useCan } from '@/shared/session/session';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { DataTable } from '@/shared/table/data-table';
import type { Column } from '@/shared/table/types';
import { Page } from '@/shared/ui/page';
import { WeekBand } from './week-band';

export function CalendarsPage() {
  const { t } = useTranslation(['projects', 'common']);
  const can = useCan();
  const format = useFormat();
  const navigate = useNavigate();
  const project = useNames('projects');
  const projects = useOptions('projects');
  const mayWrite = can('calendars.write');
  useShortcut(mayWrite ? { keys: 'n', label: t('calendar.new'), group: 'list', run: () => void navigate({ to: '/calendars/$id', params: { id: 'new' } }) } : null);
  const create = mayWrite ? (
    <Button component={Link} to="/calendars/new" leftSection={<IconPlus size={15} aria-hidden />}>
      {t('calendar.new')}
    </Button>
  ) : undefined;
  const columns: Column<Calendar>[] = [
    { id: 'name', header: t('field.calendarName'), sort: 'name', cell: (row) => row.name },
    { id: 'project', header: t('field.project'), sort: 'project_name', cell: (row) => project(row.project_id) },
    { id: 'week', header: t('week.title'), cell: (row) => <WeekBand hours={row.hours} /> },
    { id: 'country', header: t('field.holidays'), sort: 'country', cell: (row) => (row.observe_holidays && row.country !== null ? format.country(row.country) : t('calendar.noHolidays')) },
    { id: 'exceptions', header: t('exceptions.title'), numeric: true, cell: (row) => format.number(row.exceptions.length) },
    { id: 'time_zone', header: t('field.timeZone'), sort: 'time_zone', cell: (row) => row.time_zone },
  ];
  return (
    <Page title={t('calendars')} actions={create} flush>
      <DataTable<Calendar>
        name="calendars"
        caption={t('calendars')}
        columns={columns}
        filters={[{ id: 'project_id', label: t('field.project'), options: projects }]}
        rowId={(row) => row.id}
        href={(row) => `/calendars/${row.id}`}
        load={(query, signal) => call(api.GET('/api/calendars', { params: { query }, signal }))}
        exportPath="/api/calendars/export"
        empty={{ title: t('calendar.none'), text: t('calendar.noneText'), action: create }}
      />
    </Page>
  );
}
