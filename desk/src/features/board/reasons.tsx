import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { useNames } from '@/shared/live/cards';
import classes from './board.module.css';
import { clockText } from './clock';
import type { BoardQueue } from './model';
import { sentence, type Reason, type Say } from './why';

interface ReasonsProps {
  readonly reasons: readonly Reason[];
  readonly queues: ReadonlyMap<string, BoardQueue>;
}

/** The router's reasons as sentences, the strongest first. */
export function Reasons({ reasons, queues }: ReasonsProps) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const operator = useNames('employees');
  const skill = useNames('skills');
  const pause = useNames('breaks');
  const words = {
    operator: (id: string) => operator(id) || t('somebody'),
    queue: (id: string) => queues.get(id)?.name ?? t('otherQueue'),
    skill: (id: string) => skill(id) || id,
    language: format.language,
    breakReason: (id: string) => pause(id) || id,
    // Moments come as seconds since 1970.
    time: (moment: string | number) => format.time(typeof moment === 'number' ? new Date(moment * 1000) : moment),
    duration: clockText,
  };
  return (
    <ul className={classes.reasons}>
      {reasons.map((reason, place) => (
        <li key={place}>{sentence(reason, words, t as unknown as Say)}</li>
      ))}
    </ul>
  );
}
