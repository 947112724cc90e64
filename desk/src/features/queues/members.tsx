import { ActionIcon, Button, MultiSelect, Select, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconSearch, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Row } from '@/shared/api/types';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useFormat } from '@/shared/i18n/format';
import { useOptions } from '@/shared/live/cards';
import { useCan } from '@/shared/session/session';
import { Empty } from '@/shared/ui/bits';
import { Loaded } from '@/shared/ui/error-view';
import { Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { MAX_RANK, addMembers, differs, matches, moveMember, type Member } from './member-list';
import classes from './queues.module.css';
import type { Queue } from './queues';

type MemberRow = Row<'/api/queues/{queue_id}/operators'>;

const RANKS = Array.from({ length: MAX_RANK + 1 }, (_, rank) => String(rank));

/** Who serves the queue and in which order they are asked. */
export function Members({ queue }: { readonly queue: Queue }) {
  const query = useQuery({
    queryKey: ['queues', 'members', queue.id],
    queryFn: ({ signal }) => call(api.GET('/api/queues/{queue_id}/operators', { params: { path: { queue_id: queue.id } }, signal })),
  });
  return <Loaded query={query}>{(rows) => <Editor key={JSON.stringify(rows)} queue={queue} rows={rows} />}</Loaded>;
}

function useSave(queue: Queue) {
  const { t } = useTranslation(['queues', 'common']);
  const client = useQueryClient();
  const put = (members: readonly Member[]) => call(api.PUT('/api/queues/{queue_id}/operators', { params: { path: { queue_id: queue.id } }, body: { members: members.map(({ person_id, rank }) => ({ person_id, rank })) } }));
  const settle = (rows: MemberRow[]) => {
    client.setQueryData(['queues', 'members', queue.id], rows);
    void client.invalidateQueries({ queryKey: ['queues', 'one', queue.id] });
  };
  const undo = (before: readonly Member[]) => {
    put(before).then(settle, (error: unknown) => void toast.error(errorText(error)));
  };
  return useMutation({
    mutationFn: ({ after }: { readonly before: readonly Member[]; readonly after: readonly Member[] }) => put(after),
    onSuccess: (rows, { before }) => {
      settle(rows);
      toast.undoable(t('common:saved'), t('common:undo'), () => undo(before));
    },
  });
}

function Editor({ queue, rows }: { readonly queue: Queue; readonly rows: readonly MemberRow[] }) {
  const { t } = useTranslation(['queues', 'common']);
  const can = useCan();
  const format = useFormat();
  const people = useOptions('employees');
  const readOnly = !can('queues.write') || queue.archived_at !== null;
  const before: readonly Member[] = rows.map((one) => ({ person_id: one.person_id, rank: one.rank, name: `${one.given_name} ${one.family_name}` }));
  const [members, setMembers] = useState(before);
  const [search, setSearch] = useState('');
  const save = useSave(queue);
  const free = people.filter((one) => !members.some((member) => member.person_id === one.value));
  const add = (ids: readonly string[]) => setMembers(addMembers(members, ids.map((id) => ({ id, name: free.find((one) => one.value === id)?.label ?? '' })), format.compare));
  const dirty = differs(before, members);
  const shown = members.filter((one) => matches(one, search));
  return (
    <Section title={t('members.title')} note={t('members.note')}>
      {!readOnly && <AddPeople options={free} add={add} />}
      {members.length > 8 && (
        <TextInput type="search" w={260} mb="sm" aria-label={t('members.search')} placeholder={t('members.search')} leftSection={<IconSearch size={15} aria-hidden />} value={search} onChange={(event) => setSearch(event.currentTarget.value)} />
      )}
      {members.length === 0 ? (
        <Empty title={t('members.none')} text={t('members.noneText')} />
      ) : (
        <MemberTable members={shown} readOnly={readOnly} change={(next) => setMembers(next(members))} />
      )}
      {!readOnly && (
        <div className={ui.formBar}>
          <Button disabled={!dirty} loading={save.isPending} onClick={() => save.mutate({ before, after: members })}>
            {t('common:save')}
          </Button>
          {dirty && (
            <Button variant="default" onClick={() => setMembers(before)}>
              {t('common:form.discard')}
            </Button>
          )}
          <span role="alert" className={ui.errorText}>
            {save.error === null ? '' : errorText(save.error)}
          </span>
        </div>
      )}
    </Section>
  );
}

function AddPeople({ options, add }: { readonly options: readonly { value: string; label: string }[]; readonly add: (ids: readonly string[]) => void }) {
  const { t } = useTranslation(['queues', 'common']);
  const [chosen, setChosen] = useState<string[]>([]);
  return (
    <div className={classes.add}>
      <MultiSelect
        className={classes.grow}
        label={t('members.add')}
        data={[...options]}
        value={chosen}
        searchable
        hidePickedOptions
        limit={50}
        nothingFoundMessage={t('common:table.noOption')}
        clearButtonProps={{ 'aria-label': t('common:table.clear', { name: t('members.add') }) }}
        onChange={setChosen}
      />
      <Button
        variant="default"
        disabled={chosen.length === 0}
        onClick={() => {
          add(chosen);
          setChosen([]);
        }}
      >
        {t('members.addButton', { count: chosen.length })}
      </Button>
    </div>
  );
}

interface MemberTableProps {
  readonly members: readonly Member[];
  readonly readOnly: boolean;
  readonly change: (next: (members: readonly Member[]) => readonly Member[]) => void;
}

function MemberTable({ members, readOnly, change }: MemberTableProps) {
  const { t } = useTranslation('queues');
  const format = useFormat();
  const setRank = (id: string, rank: number) => change((all) => moveMember(all, id, rank, format.compare));
  return (
    <table className={ui.plainTable}>
      <thead>
        <tr>
          <th scope="col">{t('members.person')}</th>
          <th scope="col">{t('members.rank')}</th>
          {!readOnly && (
            <th scope="col">
              <span className="visually-hidden">{t('members.actions')}</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {members.map((one) => (
          <tr key={one.person_id}>
            <td>{one.name}</td>
            <td>
              {readOnly ? (
                one.rank
              ) : (
                <Select className={classes.rank} size="xs" aria-label={t('members.rankOf', { name: one.name })} data={RANKS} value={String(one.rank)} allowDeselect={false} onChange={(rank) => rank !== null && setRank(one.person_id, Number(rank))} />
              )}
            </td>
            {!readOnly && (
              <td className={classes.memberActions}>
                <ActionIcon variant="subtle" color="gray" disabled={one.rank === 0} aria-label={t('members.up', { name: one.name })} onClick={() => setRank(one.person_id, one.rank - 1)}>
                  <IconArrowUp size={16} aria-hidden />
                </ActionIcon>
                <ActionIcon variant="subtle" color="gray" disabled={one.rank === MAX_RANK} aria-label={t('members.down', { name: one.name })} onClick={() => setRank(one.person_id, one.rank + 1)}>
                  <IconArrowDown size={16} aria-hidden />
                </ActionIcon>
                <ActionIcon variant="subtle" color="gray" aria-label={t('members.remove', { name: one.name })} onClick={() => change((all) => all.filter((other) => other.person_id !== one.person_id))}>
                  <IconTrash size={16} aria-hidden />
                </ActionIcon>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
