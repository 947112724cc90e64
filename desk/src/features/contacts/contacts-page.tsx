import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useFormat } from '@/shared/i18n/format';
import { useNames, useOptions } from '@/shared/live/cards';
import { useProject } from '@/shared/session/session';
import { DataTable } from '@/shared/table/data-table';
import type { Column, Filter } from '@/shared/table/types';
import { useTableSearch } from '@/shared/table/use-list';
import { State } from '@/shared/ui/bits';
import { clock } from '@/shared/ui/elapsed';
import { Page } from '@/shared/ui/page';
import { RESULTS, choicesOf, toneOf, useDispositionNames, useDispositions, type Contact } from './contacts';
import classes from './contacts.module.css';

const HOUR = 3_600_000;

/** Every contact with a customer, whatever the channel. */
export function ContactsPage() {
  const { t } = useTranslation(['contacts', 'common']);
  const [capped, setCapped] = useState(false);
  return (
    <Page title={t('title')} flush beside={<span className={classes.beside}>{capped ? t('capped') : t('searchHint')}</span>}>
      <DataTable<Contact>
        name="interactions"
        caption={t('title')}
        columns={useColumns()}
        filters={useFilters()}
        rowId={(row) => row.id}
        href={(row) => `/contacts/${row.id}`}
        load={async (query, signal) => {
          const page = await call(api.GET('/api/interactions', { params: { query }, signal }));
          setCapped(page.total_capped);
          return page;
        }}
        exportPath="/api/interactions/export"
        empty={{ title: t('none'), text: t('noneText') }}
      />
    </Page>
  );
}

function useColumns(): Column<Contact>[] {
  const { t } = useTranslation('contacts');
  const format = useFormat();
  const [project, queue, person, disposition] = [useNames('projects'), useNames('queues'), useNames('employees'), useDispositionNames()];
  const time = (seconds: number) => (seconds > 0 ? clock(seconds * 1000) : '—');
  return [
    { id: 'came_at', header: t('field.came'), sort: 'came_at', cell: (row) => <time dateTime={row.came_at}>{format.exact(row.came_at)}</time> },
    { id: 'party', header: t('field.party'), cell: (row) => row.customer_name ?? (row.party_name || row.party.masked || '—') },
    { id: 'number', header: t('field.number'), optional: true, cell: (row) => row.party.masked || '—' },
    { id: 'direction', header: t('field.direction'), optional: true, cell: (row) => t(`direction.${row.direction}`) },
    { id: 'channel', header: t('field.channel'), optional: true, cell: (row) => t(`channel.${row.channel}`) },
    { id: 'project', header: t('field.project'), optional: true, cell: (row) => project(row.project_id) || '—' },
    { id: 'queue', header: t('field.queue'), cell: (row) => queue(row.queue_id) || '—' },
    { id: 'operator', header: t('field.operator'), cell: (row) => person(row.operator_id) || '—' },
    { id: 'result', header: t('field.result'), cell: (row) => <State tone={toneOf(row.result)}>{row.result === null ? t('goesOn') : t(`result.${row.result}`)}</State> },
    { id: 'outcome', header: t('field.outcome'), cell: (row) => disposition(row.outcome_id) || '—' },
    { id: 'wait', header: t('field.wait'), sort: 'wait_seconds', numeric: true, cell: (row) => time(row.wait_seconds) },
    { id: 'talk', header: t('field.talk'), sort: 'talk_seconds', numeric: true, cell: (row) => time(row.talk_seconds) },
    { id: 'rating', header: t('field.rating'), sort: 'rating', numeric: true, cell: (row) => (row.rating === null ? '—' : t('rated', { rating: row.rating, scale: row.rating_scale ?? 5 })) },
    { id: 'note', header: t('field.note'), cell: (row) => <span className={classes.excerpt}>{row.note || '—'}</span> },
    { id: 'cause', header: t('field.cause'), optional: true, cell: (row) => disposition(row.cause_id) || '—' },
    { id: 'language', header: t('field.language'), optional: true, cell: (row) => (row.language === null ? '—' : format.language(row.language)) },
    { id: 'recordings', header: t('field.recordings'), optional: true, numeric: true, cell: (row) => (row.recordings === 0 ? '—' : row.recordings) },
  ];
}

function useFilters(): Filter[] {
  const { t, i18n } = useTranslation('contacts');
  const [search] = useTableSearch();
  const narrowed = useProject();
  const [projects, queues, people, dispositions] = [useOptions('projects'), useOptions('queues'), useOptions('employees'), useDispositions()];
  // Whole hours, so that a filter does not change while somebody looks.
  const [hour] = useState(() => Math.floor(Date.now() / HOUR) * HOUR);
  const since = (hours: number) => new Date(hour - hours * HOUR).toISOString();
  const project = narrowed ?? (typeof search.project_id === 'string' ? search.project_id : null);
  return [
    {
      id: 'since',
      label: t('field.period'),
      options: [
        { value: since(24), label: t('period.day') },
        { value: since(24 * 7), label: t('period.week') },
        { value: since(24 * 30), label: t('period.month') },
        { value: since(24 * 365), label: t('period.year') },
      ],
    },
    ...(narrowed === null ? [{ id: 'project_id', label: t('field.project'), options: projects }] : []),
    { id: 'queue_id', label: t('field.queue'), options: queues },
    { id: 'operator_id', label: t('field.operator'), options: people },
    { id: 'result', label: t('field.result'), options: RESULTS.map((value) => ({ value, label: t(`result.${value}`) })) },
    { id: 'outcome_id', label: t('field.outcome'), options: choicesOf(dispositions.data ?? [], 'outcome', i18n.language, project) },
    { id: 'direction', label: t('field.direction'), options: (['in', 'out', 'internal'] as const).map((value) => ({ value, label: t(`direction.${value}`) })) },
    { id: 'rated_at_most', label: t('field.rating'), options: ['1', '2', '3', '5'].map((value) => ({ value, label: t('atMost', { rating: value }) })) },
  ];
}
