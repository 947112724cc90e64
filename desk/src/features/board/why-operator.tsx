import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useProject } from '@/shared/session/session';
import { Loaded } from '@/shared/ui/error-view';
import ui from '@/shared/ui/ui.module.css';
import classes from './board.module.css';
import type { BoardQueue } from './model';
import { Reasons } from './reasons';
import type { LiveContact } from './supervise';

interface WhyProps {
  readonly id: string;
  readonly queues: ReadonlyMap<string, BoardQueue>;
  readonly contacts: readonly LiveContact[];
}

const EVERY_MS = 4000;

/** Why nothing comes to an operator; and, against one contact that waits, all that keeps the two apart. */
export function WhyOperator({ id, queues, contacts }: WhyProps) {
  const { t } = useTranslation('board');
  const [contact, setContact] = useState<string | null>(null);
  const query = useQuery({
    queryKey: ['operators', 'why', id, contact],
    queryFn: ({ signal }) => call(api.GET('/api/operators/{person_id}/why', { params: { path: { person_id: id }, query: contact === null ? {} : { interaction: contact } }, signal })),
    refetchInterval: EVERY_MS,
  });
  return (
    <div className={classes.stack}>
      <Loaded query={query} lines={2}>
        {(told) => (told.reasons.length === 0 ? <p>{t('pair.nothing')}</p> : <Reasons reasons={told.reasons} queues={queues} />)}
      </Loaded>
      <WaitingChoice queues={queues} contacts={contacts} value={contact} choose={setContact} />
    </div>
  );
}

interface ChoiceProps extends Omit<WhyProps, 'id'> {
  readonly value: string | null;
  readonly choose: (id: string | null) => void;
}

function WaitingChoice({ queues, contacts, value, choose }: ChoiceProps) {
  const { t } = useTranslation(['board', 'common']);
  const project = useProject();
  const query = useQuery({ queryKey: ['waiting', project, 'all'], queryFn: ({ signal }) => call(api.GET('/api/waiting', { signal })), refetchInterval: EVERY_MS });
  const waiting = query.data ?? [];
  if (waiting.length === 0 && value === null) return <p className={ui.faint}>{t('pair.none')}</p>;
  const options = waiting.map((one) => {
    const number = contacts.find((live) => live.id === one.interaction_id)?.number.masked ?? '';
    return { value: one.interaction_id, label: [queues.get(one.queue_id)?.name ?? '', t('pair.place', { place: one.position }), number].filter((part) => part !== '').join(' · ') };
  });
  return (
    <Select
      label={t('pair.label')}
      placeholder={t('pair.choose')}
      data={options}
      value={value}
      searchable
      clearable
      nothingFoundMessage={t('common:table.noOption')}
      clearButtonProps={{ 'aria-label': t('common:table.clear', { name: t('pair.label') }) }}
      onChange={choose}
    />
  );
}
