import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useFormat } from '@/shared/i18n/format';
import { useNames } from '@/shared/live/cards';
import { useCan } from '@/shared/session/session';
import { download } from '@/shared/table/download';
import { Loaded } from '@/shared/ui/error-view';
import { rowsSearch, type ReportQuery } from './period';
import { COLUMNS, FIRST_COLUMNS, useMeanings, useMeasures, useShown, type By, type MeasureRow, type Measures } from './reports';
import classes from './reports.module.css';

const BY = ['interval', 'queue', 'operator', 'project'] as const;

interface TableProps {
  /** What the page has already: the report by intervals. */
  readonly byInterval: Measures;
  readonly query: ReportQuery;
}

export function MeasureTable({ byInterval, query }: TableProps) {
  const { t } = useTranslation('reports');
  const can = useCan();
  const [by, setBy] = useState<(typeof BY)[number]>('queue');
  const [all, setAll] = useState(false);
  const columns = COLUMNS.filter((id) => all || FIRST_COLUMNS.has(id));
  return (
    <>
      <div className={classes.tableTools}>
        <div className={classes.switch} role="group" aria-label={t('by.label')}>
          {BY.map((value) => (
            <button key={value} type="button" aria-pressed={by === value} onClick={() => setBy(value)}>
              {t(`by.${value}`)}
            </button>
          ))}
        </div>
        <Button variant="subtle" color="gray" size="compact-sm" aria-pressed={all} onClick={() => setAll(!all)}>
          {all ? t('fewer') : t('more')}
        </Button>
        {can('export') && <Export by={by} query={query} />}
      </div>
      {by === 'interval' ? <Rows data={byInterval} columns={columns} query={query} /> : <Other by={by} columns={columns} query={query} />}
    </>
  );
}

function Other({ by, columns, query }: { readonly by: By; readonly columns: readonly string[]; readonly query: ReportQuery }) {
  const report = useMeasures(query, by);
  return <Loaded query={report}>{(data) => <Rows data={data} columns={columns} query={query} />}</Loaded>;
}

interface RowsProps {
  readonly data: Measures;
  readonly columns: readonly string[];
  readonly query: ReportQuery;
  readonly label?: string;
}

export function Rows({ data, columns, query, label }: RowsProps) {
  const { t } = useTranslation('reports');
  const meanings = useMeanings();
  const name = useRowName(data);
  return (
    // A scrolling region must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={classes.scroller} role="group" aria-label={label ?? t('table')} tabIndex={0}>
      <table className={classes.measures}>
        <thead>
          <tr>
            <th scope="col">{t(`by.${data.by}`)}</th>
            {columns.map((id) => (
              <th key={id} scope="col" title={meanings.get(id)?.text}>
                {meanings.get(id)?.name ?? ''}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.rows.map((row) => (
            <tr key={`${row.key ?? ''}${row.starts_at ?? ''}`}>
              <th scope="row">{name(row)}</th>
              <Cells values={row.values} columns={columns} search={(id) => rowsSearch(query, id, narrowed(data.by, row))} />
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{t('total')}</th>
            <Cells values={data.total} columns={columns} search={(id) => rowsSearch(query, id)} />
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

interface CellsProps {
  readonly values: MeasureRow['values'];
  readonly columns: readonly string[];
  readonly search: (measure: string) => Record<string, string>;
}

function Cells({ values, columns, search }: CellsProps) {
  const shown = useShown();
  return columns.map((id) => {
    const value = values[id as keyof typeof values];
    const text = shown(id, value);
    return (
      <td key={id}>
        {value === null || value === undefined || value === 0 ? (
          <span className={classes.nothing}>{text}</span>
        ) : (
          <Link to="/reports/rows" search={search(id) as never} className={classes.number}>
            {text}
          </Link>
        )}
      </td>
    );
  });
}

/** What the rows behind a line of the table are narrowed to. */
function narrowed(by: By, row: MeasureRow): Record<string, string | null> {
  if (by === 'interval') return { since: row.starts_at, until: row.ends_at };
  if (row.key !== null) return { [`${by}_id`]: row.key };
  return by === 'queue' || by === 'operator' ? { without: by } : {};
}

function useRowName(data: Measures): (row: MeasureRow) => string {
  const { t } = useTranslation('reports');
  const format = useFormat();
  const names = { queue: useNames('queues'), operator: useNames('employees'), project: useNames('projects') };
  return (row) => {
    if (data.by === 'interval') {
      if (row.starts_at === null) return '';
      return data.interval === 'day' || data.interval === 'week' || data.interval === 'month' ? format.date(row.starts_at) : format.dateTime(row.starts_at);
    }
    if (data.by === 'nothing') return t('total');
    if (row.key === null) return t(data.by === 'operator' ? 'without.operator' : 'without.queue');
    return names[data.by](row.key) || row.key.slice(0, 8);
  };
}

function Export({ by, query }: { readonly by: By; readonly query: ReportQuery }) {
  const { t } = useTranslation('common');
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      await download('/api/reports/measures/export', { ...(query as unknown as Record<string, string>), by }, `measures-by-${by}.csv`);
    } catch (error) {
      toast.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button variant="subtle" color="gray" size="compact-sm" leftSection={<IconDownload size={15} aria-hidden />} loading={busy} onClick={() => void run()}>
      {t('table.export')}
    </Button>
  );
}
