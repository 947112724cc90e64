import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { WEEKDAYS, bands, weekMinutes, type Span } from './hours';
import classes from './projects.module.css';

/** A week at a glance: seven bars, each a day from midnight to midnight. In words for those who do not see it. */
export function WeekBand({ hours }: { readonly hours: readonly Span[] }) {
  const { t } = useTranslation(['projects', 'common']);
  const format = useFormat();
  const pieces = bands(hours);
  const total = Math.round(weekMinutes(hours) / 60);
  return (
    <span className={classes.week}>
      <span className={classes.weekBars} aria-hidden>
        {WEEKDAYS.map((day) => (
          <span key={day} className={classes.weekDay}>
            {pieces
              .filter((piece) => piece.weekday === day)
              .map((piece, index) => (
                <span key={index} className={classes.weekPiece} style={{ left: `${piece.from * 100}%`, width: `${(piece.to - piece.from) * 100}%` }} />
              ))}
          </span>
        ))}
      </span>
      <span>{t('week.hours', { count: total, shown: format.number(total) })}</span>
    </span>
  );
}
