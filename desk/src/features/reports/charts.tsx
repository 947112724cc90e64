import '@mantine/core/styles/ColorSwatch.css';
import '@mantine/charts/styles.css';
import { BarChart, LineChart } from '@mantine/charts';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { clock } from '@/shared/ui/elapsed';
import { useStartLabel } from './labels';
import { Rows } from './measure-table';
import { Occupied } from './occupied';
import { States } from './states';
import type { ReportQuery } from './period';
import { useMeanings, type Measures } from './reports';
import classes from './reports.module.css';

interface ChartsProps {
  readonly data: Measures;
  readonly query: ReportQuery;
}

const HEIGHT = 220; // px
/** Legends name the series as they are stacked, not by the alphabet. */
const IN_ORDER = { itemSorter: null } as const;

const ARRIVALS = [
  { id: 'answered', color: 'var(--state-ready)' },
  { id: 'abandoned', color: 'var(--bad)' },
  { id: 'short', color: 'var(--line-control)' },
  { id: 'overflowed', color: 'var(--state-hold)' },
  { id: 'turned_away', color: 'var(--state-wrap-up)' },
] as const;
const LEVELS = [{ id: 'service_level_without_short', color: 'var(--accent-text)' }] as const;
const HANDLING = [
  { id: 'talk', color: 'var(--state-talking)' },
  { id: 'hold', color: 'var(--state-hold)' },
  { id: 'wrap_up', color: 'var(--state-wrap-up)' },
] as const;

type Series = readonly { readonly id: string; readonly color: string }[];

/** How the period went: who came, how soon they were answered, what it took. */
export function Charts({ data, query }: ChartsProps) {
  const { t } = useTranslation('reports');
  const points = usePoints(data);
  return (
    <div className={classes.charts}>
      <Figure title={t('chart.arrivals')} data={data} query={query} series={ARRIVALS}>
        <Bars points={points(ARRIVALS, 1)} series={ARRIVALS} read={(value) => String(value)} />
      </Figure>
      <Figure title={t('chart.level')} data={data} query={query} series={LEVELS}>
        <Line points={points(LEVELS, 100)} series={LEVELS} />
      </Figure>
      <Figure title={t('chart.handling')} data={data} query={query} series={HANDLING}>
        <Bars points={points(HANDLING, 1)} series={HANDLING} read={(value) => clock(value * 1000)} />
      </Figure>
      <Occupied query={query} />
      <States query={query} />
    </div>
  );
}

type Point = Record<string, string | number | null>;

function usePoints(data: Measures): (series: Series, scale: number) => Point[] {
  const label = useStartLabel(data);
  return (series, scale) =>
    data.rows.map((row) => {
      const point: Point = { label: row.starts_at === null ? '' : label(row.starts_at) };
      for (const { id } of series) {
        const value = row.values[id];
        point[id] = value === null || value === undefined ? null : Math.round(value * scale * 10) / 10;
      }
      return point;
    });
}

/** A drawing is for the eye; who reads by ear or keyboard has the same as a table. */
const UNFOCUSED = { accessibilityLayer: false };

interface DrawnProps {
  readonly points: Point[];
  readonly series: Series;
}

function useSeries(series: Series) {
  const meanings = useMeanings();
  return series.map(({ id, color }) => ({ name: id, color, label: meanings.get(id)?.name ?? id }));
}

function Bars({ points, series, read }: DrawnProps & { readonly read: (value: number) => string }) {
  return (
    <BarChart h={HEIGHT} data={points} dataKey="label" type="stacked" series={useSeries(series)} valueFormatter={read} withLegend={series.length > 1} tickLine="none" legendProps={IN_ORDER} gridAxis="x" maxBarWidth={28} barProps={{ isAnimationActive: false }} barChartProps={UNFOCUSED} />
  );
}

function Line({ points, series }: DrawnProps) {
  const format = useFormat();
  return (
    <LineChart h={HEIGHT} data={points} dataKey="label" series={useSeries(series)} yAxisProps={{ domain: [0, 100] }} valueFormatter={(value) => `${format.number(value)} %`} tickLine="none" gridAxis="x" curveType="linear" connectNulls={false} dotProps={{ r: 2 }} lineProps={{ isAnimationActive: false }} lineChartProps={UNFOCUSED} />
  );
}

interface FigureProps extends ChartsProps {
  readonly title: string;
  readonly series: Series;
  readonly children: ReactNode;
}

/** A chart that can also be read as a table. */
function Figure({ title, data, query, series, children }: FigureProps) {
  const { t } = useTranslation('reports');
  const [table, setTable] = useState(false);
  return (
    <figure className={classes.figure} aria-label={title}>
      <figcaption>
        <span>{title}</span>
        <button type="button" className={classes.toggle} aria-pressed={table} onClick={() => setTable(!table)}>
          {t('asTable')}
        </button>
      </figcaption>
      {table ? <Rows data={data} columns={series.map((one) => one.id)} query={query} label={title} /> : <div aria-hidden>{children}</div>}
    </figure>
  );
}
