import { LineChart } from '@mantine/charts';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Got } from '@/shared/api/types';
import { useFormat } from '@/shared/i18n/format';
import { clock } from '@/shared/ui/elapsed';
import { useStartLabel } from './labels';
import { spansSearch, type ReportQuery } from './period';
import { shown, useMeanings, useOccupancy } from './reports';
import classes from './reports.module.css';

type Occupancy = Got<'/api/reports/occupancy'>;

const HEIGHT = 220; // px
const PARTS = ['in_hand', 'other_contacts', 'ready'] as const;

/** How much of the operators' time the contacts took, interval by interval, and the same as a table. */
export function Occupied({ query }: { readonly query: ReportQuery }) {
  const { t } = useTranslation('reports');
  const meaning = useMeanings().get('occupancy');
  const report = useOccupancy(query);
  const [table, setTable] = useState(false);
  const Shown = table ? AsTable : AsLine;
  return (
    <figure className={classes.figure} aria-label={t('chart.occupancy')} title={meaning?.text}>
      <figcaption>
        <span>
          {t('chart.occupancy')} {report.data && <Busy row={report.data.total} query={query} part={null} />}
        </span>
        <button type="button" className={classes.toggle} aria-pressed={table} onClick={() => setTable(!table)}>
          {t('asTable')}
        </button>
      </figcaption>
      {report.data && <Shown data={report.data} query={query} />}
    </figure>
  );
}

interface Props {
  readonly data: Occupancy;
  readonly query: ReportQuery;
}

/** What each part is called where its pieces are listed. */
const WHAT = { in_hand: 'contact', other_contacts: 'other', ready: 'ready' } as const;

interface NumberProps {
  readonly row: Occupancy['total'];
  readonly query: ReportQuery;
  readonly part: (typeof PARTS)[number] | null;
}

/** The share, or one part of it; leads to the pieces of time that it is made of. */
function Busy({ row, query, part }: NumberProps) {
  const format = useFormat();
  const value = part === null ? row.occupancy : row[part];
  const text = part === null ? shown('ratio', row.occupancy, format) : clock(row[part] * 1000);
  if (!value) return <span className={classes.nothing}>{text}</span>;
  const search = spansSearch(query, part === null ? null : WHAT[part], { since: row.starts_at, until: row.ends_at });
  return (
    <Link to="/reports/spans" search={search as never} className={`${classes.number ?? ''} tabular`}>
      {text}
    </Link>
  );
}

function AsLine({ data }: Props) {
  const { t } = useTranslation('reports');
  const format = useFormat();
  const label = useStartLabel(data);
  const points = data.rows.map((row) => ({
    label: label(row.starts_at),
    occupancy: row.occupancy === null ? null : Math.round(row.occupancy * 1000) / 10,
  }));
  const series = [{ name: 'occupancy', color: 'var(--accent-text)', label: t('occupancy') }];
  return (
    // A drawing is for the eye; who reads by ear or keyboard has the same as a table.
    <div aria-hidden>
      <LineChart h={HEIGHT} data={points} dataKey="label" series={series} yAxisProps={{ domain: [0, 100] }} valueFormatter={(value) => `${format.number(value)} %`} tickLine="none" gridAxis="x" curveType="linear" connectNulls={false} dotProps={{ r: 2 }} lineProps={{ isAnimationActive: false }} lineChartProps={{ accessibilityLayer: false }} />
    </div>
  );
}

function AsTable({ data, query }: Props) {
  const { t } = useTranslation('reports');
  const format = useFormat();
  return (
    // A scrolling region must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={classes.scroller} role="region" aria-label={t('chart.occupancy')} tabIndex={0}>
      <table className={classes.measures}>
        <thead>
          <tr>
            <th scope="col">{t('spent.from')}</th>
            <th scope="col">{t('occupancy')}</th>
            {PARTS.map((part) => (
              <th key={part} scope="col">
                {t(`spent.${part}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.rows.map((row) => (
            <tr key={row.starts_at}>
              <th scope="row">{format.dateTime(row.starts_at)}</th>
              <td>
                <Busy row={row} query={query} part={null} />
              </td>
              {PARTS.map((part) => (
                <td key={part}>
                  <Busy row={row} query={query} part={part} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
