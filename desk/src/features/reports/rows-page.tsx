import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useFormat } from '@/shared/i18n/format';
import { useNames } from '@/shared/live/cards';
import { DataTable } from '@/shared/table/data-table';
import type { Column } from '@/shared/table/types';
import { useTableSearch } from '@/shared/table/use-list';
import { State, type Tone } from '@/shared/ui/bits';
import { clock } from '@/shared/ui/elapsed';
import { Page } from '@/shared/ui/page';
import { COLUMNS, shown, useMeanings, type Kind, type Visit } from './reports';
import classes from './reports.module.css';

const TONES: Readonly<Record<Visit['result'], Tone>> = { answered: 'good', left: 'bad', overflowed: 'warn', turned_away: 'warn' };

/** The contacts behind one number: their shares add up to it. */
export function RowsPage() {
  const { t } = useTranslation(['reports', 'common']);
  const [search] = useTableSearch();
  const meanings = useMeanings();
  const format = useFormat();
  const measure = COLUMNS.find((one) => one === search.measure) ?? 'offered';
  const meaning = meanings.get(measure);
  const text = (key: string) => (typeof search[key] === 'string' ? search[key] : null);
  const [since, until] = [text('since'), text('until')];
  return (
    <Page
      title={meaning?.name ?? t('rows')}
      flush
      crumb={<Link to="/reports">{t('title')}</Link>}
      beside={since !== null && until !== null && <span className={classes.beside}>{t('span', { since: format.dateTime(since), until: format.dateTime(until) })}</span>}
    >
      {meaning !== undefined && <p className={classes.meaning}>{meaning.text}</p>}
      <DataTable<Visit>
        name="report-rows"
        caption={meaning?.name ?? t('rows')}
        columns={useColumns(meaning?.kind)}
        searchable={false}
        rowId={(row) => row.id}
        href={(row) => `/contacts/${row.interaction_id}`}
        load={(query, signal) => call(api.GET('/api/reports/rows', { params: { query: { ...query, measure } }, signal }))}
        exportPath="/api/reports/rows/export"
        empty={{ title: t('noRows'), text: t('noRowsText') }}
      />
    </Page>
  );
}

function useColumns(kind: Kind | undefined): Column<Visit>[] {
  const { t } = useTranslation('reports');
  const format = useFormat();
  const names = { queue: useNames('queues'), operator: useNames('employees'), project: useNames('projects') };
  const time = (seconds: number) => (seconds === 0 ? '—' : clock(seconds * 1000));
  return [
    { id: 'entered_at', header: t('field.entered'), sort: 'entered_at', cell: (row) => <time dateTime={row.entered_at}>{format.exact(row.entered_at)}</time> },
    { id: 'part', header: t('field.part'), numeric: true, cell: (row) => shareOf(row, kind, t, format) },
    { id: 'result', header: t('field.result'), sort: 'result', cell: (row) => <State tone={TONES[row.result]}>{t(`result.${row.result}`)}</State> },
    { id: 'queue', header: t('field.queue'), cell: (row) => names.queue(row.queue_id) || '—' },
    { id: 'operator', header: t('field.operator'), cell: (row) => names.operator(row.operator_id) || '—' },
    { id: 'wait', header: t('field.wait'), sort: 'wait', numeric: true, cell: (row) => time(row.wait) },
    { id: 'talk', header: t('field.talk'), sort: 'talk', numeric: true, cell: (row) => time(row.talk) },
    { id: 'hold', header: t('field.hold'), sort: 'hold', numeric: true, cell: (row) => time(row.hold) },
    { id: 'wrap_up', header: t('field.wrapUp'), sort: 'wrap_up', numeric: true, cell: (row) => time(row.wrap_up) },
    { id: 'via', header: t('field.via'), cell: (row) => t(`via.${row.via}`) },
    { id: 'project', header: t('field.project'), optional: true, cell: (row) => names.project(row.project_id) || '—' },
    { id: 'rating', header: t('field.rating'), optional: true, numeric: true, cell: (row) => row.rating ?? '—' },
  ];
}

/** What the row gives to the number: yes or no of a share, seconds of a mean. */
function shareOf(row: Visit, kind: Kind | undefined, t: ReturnType<typeof useTranslation<'reports'>>['t'], format: ReturnType<typeof useFormat>): string {
  if (kind === 'ratio') return row.part > 0 ? t('counts') : t('countsNot');
  if (kind === 'count' || kind === undefined) return format.number(row.part);
  return shown(kind, row.part, format);
}
