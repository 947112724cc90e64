import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { clockText, useSeconds } from './clock';
import type { BoardQueue, Measure } from './model';
import { Since } from './since';
import { levelOf, levelOfQueue, totalsOf } from './trouble';
import classes from './wallboard.module.css';
import { percent } from './words';

/** One queue, read from across the room: colour, word, four figures. */
export function Tile({ queue }: { readonly queue: BoardQueue }) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const now = useSeconds();
  const level = levelOfQueue(queue, now);
  const words = queue.alerts.map((one) => t(`trouble.${one.measure}`));
  return (
    <article className={classes.tile} data-level={level} aria-label={queue.name}>
      <div className={classes.tileHead}>
        <h2>{queue.name}</h2>
        <span className={classes.word}>{words.length > 0 ? words.join(' · ') : t(`level.${level}`)}</span>
      </div>
      <div className={classes.figures}>
        <Figure label={t('column.waiting')} queue={queue} measure="waiting" big>
          {format.number(queue.waiting)}
        </Figure>
        <Figure label={t('column.longest_wait')} queue={queue} measure="longest_wait" big>
          {queue.longest_since === null ? <span className={classes.none}>–</span> : <Since at={queue.longest_since} />}
        </Figure>
        <Figure label={t('wall.level')} queue={queue} measure="service_level">
          {queue.service_level === null ? <span className={classes.none}>–</span> : percent(queue.service_level, format)}
        </Figure>
        <Figure label={t('column.abandoned')} queue={queue} measure="abandoned">
          {format.number(queue.abandoned)}
        </Figure>
        <Figure label={t('operatorState.ready')} queue={queue} measure="free">
          {format.number(queue.ready)}
        </Figure>
        <div className={classes.figure}>
          <span className={classes.label}>{t('column.expected')}</span>
          <span className={classes.value}>{queue.expected_wait === null ? <span className={classes.none}>–</span> : clockText(queue.expected_wait)}</span>
        </div>
      </div>
    </article>
  );
}

interface FigureProps {
  readonly label: string;
  readonly queue: BoardQueue;
  readonly measure: Measure;
  readonly big?: boolean;
  readonly children: ReactNode;
}

function Figure({ label, queue, measure, big = false, children }: FigureProps) {
  const { t } = useTranslation('board');
  const level = levelOf(queue, measure, useSeconds());
  return (
    <div className={classes.figure} data-level={level} data-big={big}>
      <span className={classes.label}>{label}</span>
      <span className={classes.value}>
        {level === 'bad' && <span className="visually-hidden">{t('crossed')} </span>}
        {children}
      </span>
    </div>
  );
}

interface TotalsProps {
  readonly queues: readonly BoardQueue[];
  readonly counts: Readonly<Record<'ready' | 'talking' | 'wrap_up' | 'break', number>>;
}

export function WallTotals({ queues, counts }: TotalsProps) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const totals = totalsOf(queues, useSeconds());
  return (
    <dl className={classes.totals}>
      <div>
        <dt>{t('column.service_level')}</dt>
        <dd>{percent(totals.service_level, format)}</dd>
      </div>
      {(['ready', 'talking', 'wrap_up', 'break'] as const).map((one) => (
        <div key={one} data-state={one}>
          <dt>{t(`operatorState.${one}`)}</dt>
          <dd>{format.number(counts[one])}</dd>
        </div>
      ))}
    </dl>
  );
}
