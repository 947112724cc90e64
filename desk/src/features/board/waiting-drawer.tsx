import { Button, Drawer, Select } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Row } from '@/shared/api/types';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useFormat } from '@/shared/i18n/format';
import { useNames } from '@/shared/live/cards';
import { useCan, useProject } from '@/shared/session/session';
import { Empty, Tag } from '@/shared/ui/bits';
import { Loaded } from '@/shared/ui/error-view';
import ui from '@/shared/ui/ui.module.css';
import classes from './board.module.css';
import { clockText } from './clock';
import type { BoardQueue } from './model';
import { Reasons } from './reasons';
import { Since } from './since';
import type { LiveContact } from './supervise';

type Waiting = Row<'/api/waiting'>;

const EVERY_MS = 2000;
export const ALL = 'all';

interface DrawerProps {
  /** Of the queue, or `all`; null: closed. */
  readonly queueId: string | null;
  readonly queues: ReadonlyMap<string, BoardQueue>;
  readonly contacts: readonly LiveContact[];
  readonly close: () => void;
}

/** Behind the number of those who wait: who, since when, at which place, and why still. */
export function WaitingDrawer({ queueId, queues, contacts, close }: DrawerProps) {
  const { t } = useTranslation(['board', 'common']);
  const name = queueId === null || queueId === ALL ? t('allQueues') : (queues.get(queueId)?.name ?? '');
  return (
    <Drawer opened={queueId !== null} onClose={close} title={t('waiting.title', { queue: name })} size={620} closeButtonProps={{ 'aria-label': t('common:close') }}>
      {queueId !== null && <List queueId={queueId} queues={queues} contacts={contacts} />}
    </Drawer>
  );
}

function List({ queueId, queues, contacts }: Omit<DrawerProps, 'close' | 'queueId'> & { readonly queueId: string }) {
  const { t } = useTranslation('board');
  const project = useProject();
  const params = queueId === ALL ? {} : { query: { queue_id: queueId } };
  const query = useQuery({
    queryKey: ['waiting', project, queueId],
    queryFn: ({ signal }) => call(api.GET('/api/waiting', { params, signal })),
    refetchInterval: EVERY_MS,
  });
  return (
    <Loaded query={query} lines={4}>
      {(rows) =>
        rows.length === 0 ? (
          <Empty title={t('waiting.none')} text={t('waiting.noneText')} />
        ) : (
          <ol className={classes.waiting}>
            {rows.map((one) => (
              <Entry key={one.interaction_id} one={one} queues={queues} contact={contacts.find((live) => live.id === one.interaction_id)} showQueue={queueId === ALL} />
            ))}
          </ol>
        )
      }
    </Loaded>
  );
}

interface EntryProps {
  readonly one: Waiting;
  readonly queues: ReadonlyMap<string, BoardQueue>;
  readonly contact: LiveContact | undefined;
  readonly showQueue: boolean;
}

/** null for a number that the caller hides. */
const numberOf = (contact: LiveContact | undefined): string | null => (contact === undefined || contact.number.masked === '' ? null : contact.number.masked);

function Entry({ one, queues, contact, showQueue }: EntryProps) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const operator = useNames('employees');
  const can = useCan();
  const [open, setOpen] = useState(false);
  const details = [
    showQueue ? (queues.get(one.queue_id)?.name ?? '') : '',
    one.language === null ? '' : format.language(one.language),
    one.expected_wait === null ? '' : t('waiting.expected', { wait: clockText(one.expected_wait) }),
  ].filter((part) => part !== '');
  return (
    <li className={classes.entry}>
      <div className={classes.entryHead}>
        <span className={classes.place}>{one.position}</span>
        <span className={classes.who}>{numberOf(contact) ?? t('waiting.unknown')}</span>
        <span className={classes.entryTime}>
          <Since at={one.since} />
        </span>
        {one.callback && <Tag tone="accent">{t('waiting.callback')}</Tag>}
        {one.priority > 0 && <Tag>{t('waiting.priority', { priority: one.priority })}</Tag>}
        {one.offered_to !== null && <Tag tone="good">{t('waiting.rings', { operator: operator(one.offered_to) || t('somebody') })}</Tag>}
        <Button variant="subtle" size="compact-sm" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t('waiting.why')}
        </Button>
      </div>
      {details.length > 0 && <p className={classes.entryDetails}>{details.join(' · ')}</p>}
      {open && (
        <div className={classes.entryWhy}>
          <WhyWaiting id={one.interaction_id} queues={queues} />
          {can('supervise') && <Move one={one} queues={queues} />}
        </div>
      )}
    </li>
  );
}

function WhyWaiting({ id, queues }: { readonly id: string; readonly queues: ReadonlyMap<string, BoardQueue> }) {
  const query = useQuery({
    queryKey: ['waiting', 'why', id],
    queryFn: ({ signal }) => call(api.GET('/api/waiting/{interaction_id}/why', { params: { path: { interaction_id: id } }, signal })),
    refetchInterval: EVERY_MS * 2,
  });
  return <Loaded query={query} lines={2}>{(told) => <Reasons reasons={told.reasons} queues={queues} />}</Loaded>;
}

/** Takes the contact oneself, or sends it to another queue; it keeps the time that it has waited. */
function Move({ one, queues }: { readonly one: Waiting; readonly queues: ReadonlyMap<string, BoardQueue> }) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const client = useQueryClient();
  const path = { interaction_id: one.interaction_id };
  const act = useMutation({
    mutationFn: (queueId: string | null) =>
      queueId === null ? call(api.POST('/api/supervision/{interaction_id}/take', { params: { path } })) : call(api.POST('/api/supervision/{interaction_id}/move', { params: { path }, body: { queue_id: queueId } })),
    onSuccess: (_, queueId) => void toast.done(queueId === null ? t('waiting.taken') : t('waiting.moved', { queue: queues.get(queueId)?.name ?? '' })),
    onError: (error) => void toast.error(errorText(error)),
    onSettled: () => client.invalidateQueries({ queryKey: ['waiting'] }),
  });
  const home = queues.get(one.queue_id)?.project_id;
  const others = [...queues.values()].filter((queue) => queue.id !== one.queue_id && queue.project_id === home).map((queue) => ({ value: queue.id, label: queue.name }));
  return (
    <div className={ui.row}>
      <Button variant="default" size="compact-sm" disabled={act.isPending} onClick={() => act.mutate(null)}>
        {t('waiting.take')}
      </Button>
      {others.length > 0 && (
        <Select
          size="xs"
          w={200}
          aria-label={t('waiting.move')}
          placeholder={t('waiting.move')}
          data={others.sort((a, b) => format.compare(a.label, b.label))}
          value={null}
          disabled={act.isPending}
          onChange={(id) => id !== null && act.mutate(id)}
        />
      )}
    </div>
  );
}
