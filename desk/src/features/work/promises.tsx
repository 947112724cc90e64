import { ActionIcon, Tooltip } from '@mantine/core';
import { IconCheck, IconPhoneOutgoing } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import type { Row } from '@/shared/api/types';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useFormat } from '@/shared/i18n/format';
import { useWatch } from '@/shared/live/live';
import { useNow } from '@/shared/ui/elapsed';
import { ask } from './verbs';
import classes from './work.module.css';

type Promised = Row<'/api/promises'>;

const FEW = 30; // shown at once; the rest comes up as these are kept

export function usePromises(): readonly Promised[] {
  useWatch('promises');
  const { data } = useQuery({
    queryKey: ['promises', 'mine'],
    queryFn: ({ signal }) => call(api.GET('/api/promises', { params: { query: { whose: 'mine', state: 'open', sort: 'due_at', page_size: FEW } }, signal })),
  });
  return data?.items ?? [];
}

/** Call-backs that this person has promised, the next first; those whose time has come stand out. */
export function PromiseList() {
  const { t } = useTranslation('work');
  const rows = usePromises();
  return (
    <>
      <h2 className={classes.listTitle}>{t('list.promises')}</h2>
      <ul aria-live="polite">
        {rows.map((one) => (
          <PromiseRow key={one.id} promised={one} />
        ))}
      </ul>
      {rows.length === 0 && <p className={classes.nothing}>{t('list.noPromises')}</p>}
    </>
  );
}

const sameDay = (moment: string): boolean => new Date(moment).toDateString() === new Date().toDateString();

function PromiseRow({ promised }: { readonly promised: Promised }) {
  const { t } = useTranslation('work');
  const format = useFormat();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const late = Date.parse(promised.due_at) <= useNow();
  const who = promised.customer_name ?? (promised.number.masked || t('unknown'));
  const run = async (request: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await request();
      await client.invalidateQueries({ queryKey: ['promises'] });
    } catch (error) {
      toast.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <li className={classes.promise} data-late={late}>
      <span className={classes.itemText}>
        <span className={classes.itemName}>{who}</span>
        <span className={classes.itemNote}>
          <time dateTime={promised.due_at}>{sameDay(promised.due_at) ? format.time(promised.due_at) : format.dateTime(promised.due_at)}</time>
          {late && <strong> · {t('promise.due')}</strong>}
        </span>
        {promised.note !== '' && <span className={classes.itemNote}>{promised.note}</span>}
      </span>
      <Tooltip label={t('promise.call', { who })}>
        <ActionIcon variant="default" disabled={busy} aria-label={t('promise.call', { who })} onClick={() => void run(() => ask.dial({ project_id: promised.project_id, number: '', promise_id: promised.id }))}>
          <IconPhoneOutgoing size={15} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t('promise.kept', { who })}>
        <ActionIcon
          variant="subtle"
          color="gray"
          disabled={busy}
          aria-label={t('promise.kept', { who })}
          onClick={() => void run(() => call(api.POST('/api/promises/{promise_id}/done', { params: { path: { promise_id: promised.id }, header: ifMatch(promised.version) } })))}
        >
          <IconCheck size={15} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </li>
  );
}
