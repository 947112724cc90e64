import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { clock } from '@/shared/ui/elapsed';
import type { Details, Entry } from './contacts';
import { useWords } from './words';
import classes from './contacts.module.css';

interface TimelineProps {
  readonly shown: Details;
  readonly revealed: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
}

const TONES: Partial<Record<Entry['kind'], string>> = {
  answered: 'good',
  declined: 'warn',
  not_answered: 'warn',
  escalated: 'bad',
  help_asked: 'warn',
  ended: 'end',
};

/** Everything that happened, in words, in its order. */
export function Timeline({ shown, revealed }: TimelineProps) {
  const { t } = useTranslation('contacts');
  const format = useFormat();
  const words = useWords();
  if (shown.timeline.length === 0) return <p className={classes.soft}>{t('noTimeline')}</p>;
  const began = new Date(shown.came_at).getTime();
  return (
    <ol className={classes.timeline}>
      {shown.timeline.map((entry) => (
        <li key={entry.id} data-tone={TONES[entry.kind]}>
          <time dateTime={entry.at} title={format.exact(entry.at)}>
            {clock(new Date(entry.at).getTime() - began)}
          </time>
          <span>{words(entry, revealed?.[entry.id])}</span>
        </li>
      ))}
    </ol>
  );
}
