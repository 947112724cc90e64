import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import classes from './board.module.css';
import { useSeconds } from './clock';
import type { BoardQueue } from './model';
import { Since } from './since';
import { levelOf, totalsOf, type Level } from './trouble';
import { percent } from './words';

/** The four figures that matter, over all shown queues. */
export function TotalFigures({ queues, openWaiting }: { readonly queues: readonly BoardQueue[]; readonly openWaiting: () => void }) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const now = useSeconds();
  const totals = totalsOf(queues, now);
  const worst = (measure: 'waiting' | 'longest_wait' | 'service_level' | 'abandoned'): Level => {
    const levels = queues.map((one) => levelOf(one, measure, now));
    return levels.includes('bad') ? 'bad' : levels.includes('watch') ? 'watch' : 'calm';
  };
  return (
    <div className={classes.totals}>
      <Total label={t('column.waiting')} level={worst('waiting')}>
        <button type="button" className={classes.figureButton} onClick={openWaiting} aria-label={t('openAllWaiting', { count: totals.waiting })}>
          {format.number(totals.waiting)}
        </button>
      </Total>
      <Total label={t('column.longest_wait')} level={worst('longest_wait')}>
        <Since at={totals.longest_since} />
      </Total>
      <Total label={t('column.service_level')} level={worst('service_level')} note={t('today')}>
        {percent(totals.service_level, format)}
      </Total>
      <Total label={t('column.abandoned')} level={worst('abandoned')} note={t('ofOffered', { count: totals.offered })}>
        {format.number(totals.abandoned)}
      </Total>
    </div>
  );
}

interface TotalProps {
  readonly label: string;
  readonly level: Level;
  readonly note?: string;
  readonly children: ReactNode;
}

function Total({ label, level, note, children }: TotalProps) {
  const { t } = useTranslation('board');
  return (
    <div className={classes.total} data-level={level}>
      <span className={classes.totalLabel}>{label}</span>
      <span className={classes.totalFigure}>{children}</span>
      <span className={classes.totalNote}>
        {level === 'bad' || level === 'watch' ? t(`level.${level}`) : ''} {note}
      </span>
    </div>
  );
}
