import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Row } from '@/shared/api/types';
import { useFormat } from '@/shared/i18n/format';
import { useNames } from '@/shared/live/cards';
import { DataTable } from '@/shared/table/data-table';
import type { Column } from '@/shared/table/types';
import { useTableSearch } from '@/shared/table/use-list';
import { State, type Tone } from '@/shared/ui/bits';
import { clock } from '@/shared/ui/elapsed';
import { Page } from '@/shared/ui/page';
import classes from './reports.module.css';

type Span = Row<'/api/reports/spans'>;
type What = Span['what'];

const TONES: Readonly<Record<What, Tone>> = { contact: 'accent', other: 'plain', ready: 'good', break: 'warn', paused: 'bad', absent: 'bad' };
const KINDS = Object.keys(TONES) as readonly What[];

/** The pieces of time behind occupancy: they add up to its numbers. */
export function SpansPage() {
  const { t } = useTranslation(['reports', 'common']);
  const [search] = useTableSearch();
  const format = useFormat();
  const text = (key: string) => (typeof search[key] === 'string' ? search[key] : null);
  const [since, until] = [text('since'), text('until')];
  return (
    <Page
      title={t('spans.title')}
      flush
      crumb={<Link to="/reports">{t('title')}</Link>}
      beside={since !== null && until !== null && <span className={classes.beside}>{t('span', { since: format.dateTime(since), until: format.dateTime(until) })}</span>}
    >
      <p className={classes.meaning}>{t('spans.text')}</p>
      <DataTable<Span>
        name="report-spans"
        caption={t('spans.title')}
        columns={useColumns()}
        filters={[{ id: 'what', label: t('spans.what'), options: KINDS.map((value) => ({ value, label: t(`what.${value}`) })) }]}
        searchable={false}
        rowId={(row) => row.id}
        load={(query, signal) => call(api.GET('/api/reports/spans', { params: { query }, signal }))}
        exportPath="/api/reports/spans/export"
        empty={{ title: t('spans.none'), text: t('noStates') }}
      />
    </Page>
  );
}

function useColumns(): Column<Span>[] {
  const { t } = useTranslation('reports');
  const format = useFormat();
  const person = useNames('employees');
  return [
    { id: 'began', header: t('spans.began'), sort: 'began', cell: (row) => <time dateTime={row.began}>{format.exact(row.began)}</time> },
    { id: 'ended', header: t('spans.ended'), sort: 'ended', cell: (row) => <time dateTime={row.ended}>{format.exact(row.ended)}</time> },
    { id: 'operator', header: t('field.operator'), cell: (row) => person(row.operator_id) || row.operator_id.slice(0, 8) },
    { id: 'what', header: t('spans.what'), cell: (row) => <What row={row} /> },
    { id: 'seconds', header: t('spans.counts'), numeric: true, cell: (row) => clock(row.seconds * 1000) },
  ];
}

/** A contact leads to its page. */
function What({ row }: { readonly row: Span }) {
  const { t } = useTranslation('reports');
  const shown = <State tone={TONES[row.what]}>{t(`what.${row.what}`)}</State>;
  if (row.interaction_id === null) return shown;
  return (
    <Link to="/contacts/$id" params={{ id: row.interaction_id }}>
      {shown}
    </Link>
  );
}
