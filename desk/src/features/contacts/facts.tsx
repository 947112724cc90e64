import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { useNames } from '@/shared/live/cards';
import { clock } from '@/shared/ui/elapsed';
import ui from '@/shared/ui/ui.module.css';
import type { Details } from './contacts';

export interface Revealed {
  readonly party_number: string;
  readonly party_name: string;
}

interface FactsProps {
  readonly shown: Details;
  readonly revealed: Revealed | undefined;
}

export function Facts({ shown, revealed }: FactsProps) {
  const { t } = useTranslation('contacts');
  const format = useFormat();
  const [project, queue, person] = [useNames('projects'), useNames('queues'), useNames('employees')];
  const time = (seconds: number) => (seconds > 0 ? clock(seconds * 1000) : '—');
  const moment = (at: string | null) => (at === null ? '—' : format.exact(at));
  const rows: readonly (readonly [string, string])[] = [
    [t('field.number'), (revealed?.party_number ?? shown.party.masked) || '—'],
    [t('field.channel'), `${t(`channel.${shown.channel}`)}, ${t(`direction.${shown.direction}`)}`],
    [t('field.project'), project(shown.project_id) || '—'],
    [t('field.called'), shown.called_number || '—'],
    [t('field.menu'), shown.menu_path.length === 0 ? '—' : shown.menu_path.join(' › ')],
    [t('field.language'), shown.language === null ? '—' : format.language(shown.language)],
    [t('field.queue'), queue(shown.queue_id) || '—'],
    [t('field.operator'), person(shown.operator_id) || '—'],
    [t('field.came'), moment(shown.came_at)],
    [t('field.answered'), moment(shown.answered_at)],
    [t('field.ended'), moment(shown.ended_at)],
    [t('field.wait'), time(shown.wait_seconds)],
    [t('field.talk'), time(shown.talk_seconds)],
    [t('field.hold'), shown.holds === 0 ? '—' : t('holds', { count: shown.holds, time: time(shown.hold_seconds) })],
    [t('field.wrapUp'), time(shown.wrap_up_seconds)],
    [t('field.transfers'), format.number(shown.transfers)],
    [t('field.rating'), shown.rating === null ? '—' : t('rated', { rating: shown.rating, scale: shown.rating_scale ?? 5 })],
  ];
  return (
    <dl className={ui.facts}>
      {rows.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The customer, and everybody of the centre who took part. */
export function Parties({ shown, revealed }: FactsProps) {
  const { t } = useTranslation('contacts');
  const person = useNames('employees');
  const part = new Map<string, 'answered' | 'joined' | 'supervised'>();
  for (const entry of shown.timeline) {
    const other = entry.details.to_person_id;
    if (entry.kind === 'answered' && entry.person_id !== null) part.set(entry.person_id, 'answered');
    else if (entry.kind === 'transferred' && typeof other === 'string' && entry.details.attended === true) part.set(other, 'answered');
    else if ((entry.kind === 'joined' || entry.kind === 'supervised') && entry.person_id !== null && !part.has(entry.person_id)) part.set(entry.person_id, entry.kind);
  }
  const customer = shown.customer_name ?? ((revealed?.party_name ?? shown.party_name) || t('unknownParty'));
  return (
    <ul>
      <li>
        {customer} · {(revealed?.party_number ?? shown.party.masked) || '—'}
      </li>
      {[...part].map(([id, what]) => (
        <li key={id}>
          {person(id) || t('somebody')} · {t(`part.${what}`)}
        </li>
      ))}
    </ul>
  );
}
