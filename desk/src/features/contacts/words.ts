import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { useNames } from '@/shared/live/cards';
import { clock } from '@/shared/ui/elapsed';
import { RESULTS, type Entry } from './contacts';

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

/** Which sentence an entry takes, where one kind has several. Pure. */
export function variantOf({ kind, details }: Pick<Entry, 'kind' | 'details'>) {
  const to = details.to === 'person' || typeof details.to_person_id === 'string' ? 'Person' : details.to === 'queue' ? 'Queue' : 'Number';
  if (kind === 'transferred') return `transferred${to}` as const;
  if (kind === 'consulted') return `consulted${to}` as const;
  if (kind === 'not_answered') return details.callback === true ? 'not_answeredCallback' : details.to === 'number' ? 'not_answeredNumber' : 'not_answered';
  if (kind === 'queued') return details.why === undefined || details.why === null ? 'queued' : 'queuedAgain';
  if (kind === 'announced') return typeof details.expected === 'number' ? 'announcedWait' : 'announced';
  if (kind === 'supervised') {
    const role = details.role;
    return role === 'whispering' ? 'supervisedWhisper' : role === 'listening' ? 'supervisedListen' : 'supervisedBarge';
  }
  return kind;
}

/** A timeline's entry as a sentence. `revealed`: what is masked in it, in the clear. */
export function useWords(): (entry: Entry, revealed?: Readonly<Record<string, unknown>>) => string {
  const { t } = useTranslation('contacts');
  const format = useFormat();
  const [people, queues] = [useNames('employees'), useNames('queues')];
  return (entry, revealed) => {
    const details = { ...entry.details, ...revealed };
    const result = RESULTS.find((one) => one === details.result);
    return t(`told.${variantOf(entry)}`, {
      person: people(entry.person_id) || t('somebody'),
      other: people(text(details.to_person_id)) || t('somebody'),
      queue: queues(entry.queue_id ?? text(details.queue_id)) || t('aQueue'),
      label: text(details.label) || text(details.key) || text(details.choice),
      digits: text(details.digits),
      language: text(details.language) === '' ? '' : format.language(text(details.language)),
      position: text(details.position),
      wait: clock(Number(details.expected ?? 0) * 1000),
      score: text(details.score),
      scale: text(details.scale),
      reason: text(details.reason),
      result: result === undefined ? t('over') : t(`result.${result}`),
    });
  };
}
