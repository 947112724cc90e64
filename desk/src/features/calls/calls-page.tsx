import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useFormat } from '@/shared/i18n/format';
import { useNames, useOptions } from '@/shared/live/cards';
import { DataTable } from '@/shared/table/data-table';
import type { Column, Filter } from '@/shared/table/types';
import { State } from '@/shared/ui/bits';
import { Page } from '@/shared/ui/page';
import { CAUSES, clockTime, toneOf, type Call } from './calls';

const HOUR = 3_600_000;

/** What happened: one row a call. */
export function CallsPage() {
  const { t } = useTranslation(['calls', 'common']);
  return (
    <Page title={t('title')} flush>
      <DataTable<Call>
        name="calls"
        caption={t('title')}
        columns={useColumns()}
        filters={useFilters()}
        rowId={(row) => row.id}
        href={(row) => `/calls/${row.id}`}
        load={(query, signal) => call(api.GET('/api/calls', { params: { query }, signal }))}
        exportPath="/api/calls/export"
        empty={{ title: t('none'), text: t('noneText') }}
      />
    </Page>
  );
}

function useColumns(): Column<Call>[] {
  const { t } = useTranslation('calls');
  const format = useFormat();
  const project = useNames('projects');
  return [
    { id: 'started_at', header: t('field.started'), sort: 'started_at', cell: (row) => <time dateTime={row.started_at}>{format.exact(row.started_at)}</time> },
    { id: 'direction', header: t('field.direction'), sort: 'direction', cell: (row) => t(`direction.${row.direction}`) },
    { id: 'caller', header: t('field.caller'), cell: (row) => row.caller.masked || '—' },
    { id: 'callee', header: t('field.callee'), cell: (row) => row.callee.masked || '—' },
    { id: 'project', header: t('field.project'), cell: (row) => project(row.project_id) || '—' },
    { id: 'cause', header: t('field.cause'), sort: 'cause', cell: (row) => <State tone={toneOf(row.cause)}>{row.cause === null ? t('goesOn') : t(`cause.${row.cause}`)}</State> },
    { id: 'talk', header: t('field.talk'), sort: 'talk_seconds', numeric: true, cell: (row) => (row.talk_seconds === null ? '—' : clockTime(row.talk_seconds)) },
    { id: 'mos', header: t('field.mos'), numeric: true, cell: (row) => (row.mos === null ? '—' : format.number(row.mos)) },
    { id: 'sip', header: t('field.sip'), numeric: true, optional: true, cell: (row) => row.sip_status ?? '—' },
    { id: 'q850', header: t('field.q850'), numeric: true, optional: true, cell: (row) => row.q850 ?? '—' },
  ];
}

function useFilters(): Filter[] {
  const { t } = useTranslation('calls');
  const projects = useOptions('projects');
  // Whole hours, so that a filter does not change while somebody looks.
  const [hour] = useState(() => Math.floor(Date.now() / HOUR) * HOUR);
  const since = (hours: number) => new Date(hour - hours * HOUR).toISOString();
  return [
    {
      id: 'since',
      label: t('field.period'),
      options: [
        { value: since(24), label: t('period.day') },
        { value: since(24 * 7), label: t('period.week') },
        { value: since(24 * 30), label: t('period.month') },
      ],
    },
    { id: 'direction', label: t('field.direction'), options: (['in', 'out'] as const).map((value) => ({ value, label: t(`direction.${value}`) })) },
    { id: 'cause', label: t('field.cause'), options: CAUSES.map((value) => ({ value, label: t(`cause.${value}`) })) },
    { id: 'project_id', label: t('field.project'), options: projects },
  ];
}
