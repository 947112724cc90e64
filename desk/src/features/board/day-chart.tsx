import '@mantine/charts/styles.css';
import { AreaChart, LineChart } from '@mantine/charts';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import ui from '@/shared/ui/ui.module.css';
import classes from './board.module.css';
import type { Point } from './history';

/** Waiting contacts and service level over what this page has seen of the day; beside the curves, the same as a table. */
export function DayChart({ points }: { readonly points: readonly Point[] }) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const data = points.map((one) => ({
    at: format.time(new Date(one.minute * 60_000)),
    waiting: one.waiting,
    level: one.service_level === null ? null : Math.round(one.service_level * 100),
  }));
  const common = { h: 160, data, dataKey: 'at', withDots: points.length < 3, curveType: 'stepAfter' as const, strokeWidth: 2, gridAxis: 'y' as const };
  return (
    <>
      <p className={ui.faint}>{t('day.note')}</p>
      <div className={classes.curves}>
        <figure>
          <figcaption>{t('column.waiting')}</figcaption>
          <AreaChart {...common} series={[{ name: 'waiting', label: t('column.waiting'), color: 'var(--state-talking)' }]} yAxisProps={{ allowDecimals: false, width: 52 }} />
        </figure>
        <figure>
          <figcaption>{t('column.service_level')}</figcaption>
          <LineChart {...common} series={[{ name: 'level', label: t('column.service_level'), color: 'var(--state-ready)' }]} yAxisProps={{ domain: [0, 100], width: 52 }} unit=" %" connectNulls={false} />
        </figure>
      </div>
      <details className={classes.asTable}>
        <summary>{t('day.table')}</summary>
        <PointTable data={data.slice(-60).reverse()} />
      </details>
    </>
  );
}

interface Shown {
  readonly at: string;
  readonly waiting: number;
  readonly level: number | null;
}

function PointTable({ data }: { readonly data: readonly Shown[] }) {
  const { t } = useTranslation('board');
  return (
    <table className={ui.plainTable}>
      <thead>
        <tr>
          <th scope="col">{t('day.minute')}</th>
          <th scope="col">{t('column.waiting')}</th>
          <th scope="col">{t('column.service_level')}</th>
        </tr>
      </thead>
      <tbody>
        {data.map((one) => (
          <tr key={one.at}>
            <td>{one.at}</td>
            <td>{one.waiting}</td>
            <td>{one.level === null ? '—' : `${one.level} %`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
