import { Button, Select } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Got } from '@/shared/api/types';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { Loaded } from '@/shared/ui/error-view';
import ui from '@/shared/ui/ui.module.css';
import classes from './board.module.css';
import { CHANNELS, type Channel } from './model';

type Capacity = Got<'/api/operators/{person_id}/routing'>['capacity'];

const MOST = 20; // contacts of one channel, as the server has it
const COUNTS = Array.from({ length: MOST + 1 }, (_, count) => String(count));
const key = (id: string) => ['operators', 'capacity', id];

/** How many contacts of each channel a person holds at once; a channel with none is not served. */
export function CapacityForm({ operatorId }: { readonly operatorId: string }) {
  const query = useQuery({
    queryKey: key(operatorId),
    queryFn: ({ signal }) => call(api.GET('/api/operators/{person_id}/routing', { params: { path: { person_id: operatorId } }, signal })),
  });
  return <Loaded query={query} lines={2}>{(told) => <Chooser key={told.version} operatorId={operatorId} capacity={told.capacity} />}</Loaded>;
}

function Chooser({ operatorId, capacity }: { readonly operatorId: string; readonly capacity: Capacity }) {
  const { t } = useTranslation(['board', 'common']);
  const client = useQueryClient();
  const [chosen, setChosen] = useState(capacity);
  const save = useMutation({
    mutationFn: () => call(api.PUT('/api/operators/{person_id}/routing', { params: { path: { person_id: operatorId } }, body: { capacity: chosen } })),
    onSuccess: (told) => {
      client.setQueryData(key(operatorId), told);
      toast.done(t('common:saved'));
    },
    onError: (error) => void toast.error(errorText(error)),
  });
  const change = (channel: Channel, count: number) => {
    const rest = Object.fromEntries(Object.entries(chosen).filter(([name]) => name !== channel));
    setChosen(count === 0 ? rest : { ...rest, [channel]: count });
  };
  const dirty = CHANNELS.some((one) => (chosen[one] ?? 0) !== (capacity[one] ?? 0));
  return (
    <div className={classes.stack}>
      <div className={classes.capacity}>
        {CHANNELS.map((one) => (
          <Select key={one} size="xs" label={t(`channel.${one}`)} data={COUNTS} value={String(chosen[one] ?? 0)} allowDeselect={false} onChange={(count) => count !== null && change(one, Number(count))} />
        ))}
      </div>
      <p className={ui.faint}>{t('capacity.hint')}</p>
      <Button variant="default" disabled={!dirty} loading={save.isPending} onClick={() => save.mutate()}>
        {t('common:save')}
      </Button>
    </div>
  );
}
