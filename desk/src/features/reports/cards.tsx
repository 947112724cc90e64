import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { clock } from '@/shared/ui/elapsed';
import { rowsSearch, type ReportQuery } from './period';
import { CARDS, useMeanings, useOperatorTimes, useShown, type Measures, type Values } from './reports';
import classes from './reports.module.css';

interface CardsProps {
  readonly data: Measures;
  readonly query: ReportQuery;
}

type CardId = (typeof CARDS)[number];

/** The numbers of the whole period; each leads to its rows. */
export function Cards({ data, query }: CardsProps) {
  const meanings = useMeanings();
  const shown = useShown();
  return (
    <ul className={classes.cards}>
      {CARDS.map((id) => (
        <li key={id}>
          <Link to="/reports/rows" search={rowsSearch(query, id) as never} className={classes.card} title={meanings.get(id)?.text ?? ''}>
            <span className={classes.cardLabel}>{meanings.get(id)?.name ?? '…'}</span>
            <span className={classes.cardValue}>{shown(id, data.total[id])}</span>
            <Note id={id} data={data} />
          </Link>
        </li>
      ))}
      <Occupancy query={query} />
    </ul>
  );
}

/** How busy the operators were; the band of each is below. */
function Occupancy({ query }: { readonly query: ReportQuery }) {
  const meanings = useMeanings();
  const shown = useShown();
  const times = useOperatorTimes(query);
  return (
    <li>
      <Link to="/reports/rows" search={rowsSearch(query, 'aht') as never} className={classes.card} title={meanings.get('occupancy')?.text ?? ''}>
        <span className={classes.cardLabel}>{meanings.get('occupancy')?.name ?? '…'}</span>
        <span className={classes.cardValue}>{shown('occupancy', times.data?.occupancy)}</span>
      </Link>
    </li>
  );
}

/** What stands beside a number so that it can be judged. */
function Note({ id, data }: { readonly id: CardId; readonly data: Measures }) {
  const { t } = useTranslation('reports');
  const note = useNote(data.total, data);
  const text = note(id, t);
  return text === null ? null : <span className={classes.cardNote}>{text}</span>;
}

type Translate = ReturnType<typeof useTranslation<'reports'>>['t'];

function useNote(total: Values, data: Measures): (id: CardId, t: Translate) => string | null {
  const shown = useShown();
  const time = (seconds: number | null | undefined) => (seconds === null || seconds === undefined ? '—' : clock(seconds * 1000));
  return (id, t) => {
    switch (id) {
      case 'service_level_without_short':
        return t('note.target', { count: data.limits.target });
      case 'abandonment':
        return t('note.abandoned', { abandoned: shown('abandoned', total.abandoned), short: shown('short', total.short) });
      case 'asa':
        return t('note.percentiles', { median: time(data.percentiles.p50), most: time(data.percentiles.p95) });
      case 'aht':
        return t('note.parts', { talk: time(total.talk), hold: time(total.hold), wrapUp: time(total.wrap_up) });
      case 'transfer_rate':
        return t('note.transfers', { transfers: shown('transfers', total.transfers) });
      case 'fcr':
        return t('note.repeat', { count: data.limits.repeat_days });
      default:
        return null;
    }
  };
}
