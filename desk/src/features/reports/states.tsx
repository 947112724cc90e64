import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { useNames } from '@/shared/live/cards';
import type { Got } from '@/shared/api/types';
import { clock } from '@/shared/ui/elapsed';
import { rowsSearch, spansSearch, type ReportQuery } from './period';
import { shown, useOperatorTimes } from './reports';
import classes from './reports.module.css';

type Times = Got<'/api/reports/operators'>;
type Row = Times['rows'][number];

const STATES = ['talking', 'hold', 'wrap_up', 'ringing', 'ready', 'on_break', 'paused', 'absent'] as const;

/** Each operator's time as a band of states, and the same as a table. */
export function States({ query }: { readonly query: ReportQuery }) {
  const { t } = useTranslation('reports');
  const format = useFormat();
  const person = useNames('employees');
  const times = useOperatorTimes(query);
  const [table, setTable] = useState(false);
  const name = (row: Row) => person(row.operator_id) || row.operator_id.slice(0, 8);
  const rows = [...(times.data?.rows ?? [])].sort((a, b) => format.compare(name(a), name(b)));
  return (
    <figure className={classes.figure} aria-label={t('chart.states')}>
      <figcaption>
        <span>{t('chart.states')}</span>
        <button type="button" className={classes.toggle} aria-pressed={table} onClick={() => setTable(!table)}>
          {t('asTable')}
        </button>
      </figcaption>
      {times.data?.rows.length === 0 && <p>{t('noStates')}</p>}
      {rows.length > 0 && (table ? <AsTable rows={rows} name={name} query={query} /> : <Bands rows={rows} name={name} query={query} />)}
    </figure>
  );
}

interface RowsProps {
  readonly rows: readonly Row[];
  readonly name: (row: Row) => string;
  readonly query: ReportQuery;
}

/** How busy somebody was; leads to the pieces of their time. */
function Busy({ row, query }: { readonly row: Row; readonly query: ReportQuery }) {
  const text = shown('ratio', row.occupancy, useFormat());
  if (!row.occupancy) return <span className={classes.nothing}>{text}</span>;
  return (
    <Link to="/reports/spans" search={spansSearch(query, null, { operator_id: row.operator_id }) as never} className={classes.number}>
      {text}
    </Link>
  );
}

/** Intervals of the router's log; what else there is are parts of contacts. */
const INTERVALS: Readonly<Partial<Record<(typeof STATES)[number], string>>> = { ready: 'ready', on_break: 'break', paused: 'paused', absent: 'absent' };

/** Time in a state, which leads to its intervals or to the contacts that it is a part of. */
function Time({ row, state, query }: { readonly row: Row; readonly state: (typeof STATES)[number]; readonly query: ReportQuery }) {
  const text = clock(row.seconds[state] * 1000);
  if (!row.seconds[state]) return <span className={classes.nothing}>{text}</span>;
  const whose = { operator_id: row.operator_id };
  const interval = INTERVALS[state];
  if (interval !== undefined) {
    return (
      <Link to="/reports/spans" search={spansSearch(query, interval, whose) as never} className={classes.number}>
        {text}
      </Link>
    );
  }
  const measure = state === 'hold' || state === 'wrap_up' ? state : 'talk';
  return (
    <Link to="/reports/rows" search={rowsSearch(query, measure, whose) as never} className={classes.number}>
      {text}
    </Link>
  );
}

const whole = (row: Row): number => STATES.reduce((sum, state) => sum + row.seconds[state], 0);

function Bands({ rows, name, query }: RowsProps) {
  const { t } = useTranslation('reports');
  const most = Math.max(1, ...rows.map(whole));
  return (
    <>
      <ul className={classes.legend} aria-hidden>
        {STATES.map((state) => (
          <li key={state}>
            <i data-state={state} />
            {t(`state.${state}`)}
          </li>
        ))}
      </ul>
      {/* A scrolling region must be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <ul className={classes.bands} tabIndex={0}>
        {rows.map((row) => (
          <li key={row.operator_id}>
            <span>{name(row)}</span>
            <span className={classes.band} aria-hidden>
              {STATES.map((state) => (
                <span key={state} data-state={state} style={{ width: `${(100 * row.seconds[state]) / most}%` }} title={`${t(`state.${state}`)}: ${clock(row.seconds[state] * 1000)}`} />
              ))}
            </span>
            <span className="tabular">
              <Busy row={row} query={query} />
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function AsTable({ rows, name, query }: RowsProps) {
  const { t } = useTranslation('reports');
  return (
    // A scrolling region must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={classes.scroller} role="region" aria-label={t('chart.states')} tabIndex={0}>
      <table className={classes.measures}>
        <thead>
          <tr>
            <th scope="col">{t('field.operator')}</th>
            <th scope="col">{t('occupancy')}</th>
            {STATES.map((state) => (
              <th key={state} scope="col">
                {t(`state.${state}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.operator_id}>
              <th scope="row">{name(row)}</th>
              <td>
                <Busy row={row} query={query} />
              </td>
              {STATES.map((state) => (
                <td key={state}>
                  <Time row={row} state={state} query={query} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
