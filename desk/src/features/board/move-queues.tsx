import { Button, Checkbox, Select } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useFormat } from '@/shared/i18n/format';
import { useNames } from '@/shared/live/cards';
import { Loaded } from '@/shared/ui/error-view';
import ui from '@/shared/ui/ui.module.css';
import classes from './board.module.css';
import type { BoardQueue } from './model';

interface Served {
  readonly queue_id: string;
  readonly rank: number;
}

interface MoveProps {
  readonly operatorId: string;
  readonly name: string;
  readonly queues: ReadonlyMap<string, BoardQueue>;
}

const RANKS = Array.from({ length: 10 }, (_, rank) => String(rank));
const key = (id: string) => ['operators', 'queues', id];

function useServed(operatorId: string) {
  return useQuery({
    queryKey: key(operatorId),
    queryFn: ({ signal }) => call(api.GET('/api/operators/{person_id}/queues', { params: { path: { person_id: operatorId } }, signal })),
  });
}

/** Which queues a person serves, and in which order; a change works from the next contact on and can be undone. */
export function MoveQueues(props: MoveProps) {
  const query = useServed(props.operatorId);
  return (
    <Loaded query={query} lines={3}>
      {(served) => <Chooser key={JSON.stringify(served.queues)} {...props} served={served.queues} />}
    </Loaded>
  );
}

function useMove(operatorId: string, name: string) {
  const { t } = useTranslation(['board', 'common']);
  const client = useQueryClient();
  const put = (queues: readonly Served[]) =>
    call(api.PUT('/api/operators/{person_id}/queues', { params: { path: { person_id: operatorId } }, body: { queues: [...queues] } }));
  const settle = () => client.invalidateQueries({ queryKey: key(operatorId) });
  const undo = (before: readonly Served[]) => {
    put(before)
      .catch((error: unknown) => void toast.error(errorText(error)))
      .finally(() => void settle());
  };
  return useMutation({
    mutationFn: ({ after }: { readonly before: readonly Served[]; readonly after: readonly Served[] }) => put(after),
    onSuccess: (_, { before }) => void toast.undoable(t('move.done', { name }), t('common:undo'), () => undo(before)),
    onError: (error) => void toast.error(errorText(error)),
    onSettled: settle,
  });
}

function Chooser({ operatorId, name, queues, served }: MoveProps & { readonly served: readonly Served[] }) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const project = useNames('projects');
  const [chosen, setChosen] = useState<ReadonlyMap<string, number>>(() => new Map(served.map((one) => [one.queue_id, one.rank])));
  const move = useMove(operatorId, name);
  const change = (id: string, rank: number | null) => {
    const next = new Map(chosen);
    if (rank === null) next.delete(id);
    else next.set(id, rank);
    setChosen(next);
  };
  const all = [...queues.values()].sort((a, b) => format.compare(project(a.project_id), project(b.project_id)) || format.compare(a.name, b.name));
  const after = [...chosen].map(([queue_id, rank]) => ({ queue_id, rank }));
  const dirty = after.length !== served.length || served.some((one) => chosen.get(one.queue_id) !== one.rank);
  return (
    <div className={classes.stack}>
      <ul className={classes.moves}>
        {all.map((queue) => (
          <li key={queue.id}>
            <Checkbox label={`${queue.name} · ${project(queue.project_id)}`} checked={chosen.has(queue.id)} onChange={(event) => change(queue.id, event.currentTarget.checked ? 0 : null)} />
            {chosen.has(queue.id) && (
              <Select
                w={92}
                size="xs"
                aria-label={t('move.rank', { queue: queue.name })}
                data={RANKS.map((value) => ({ value, label: t('move.rankShort', { rank: value }) }))}
                value={String(chosen.get(queue.id))}
                allowDeselect={false}
                onChange={(rank) => rank !== null && change(queue.id, Number(rank))}
              />
            )}
          </li>
        ))}
      </ul>
      <p className={ui.faint}>{t('move.hint')}</p>
      <Button variant="default" disabled={!dirty} loading={move.isPending} onClick={() => move.mutate({ before: served, after })}>
        {t('move.apply')}
      </Button>
    </div>
  );
}
