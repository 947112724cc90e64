import { Button } from '@mantine/core';
import { IconEar, IconMessage2, IconPhoneOff, IconUsers } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Row } from '@/shared/api/types';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useCan, useProject, useSession } from '@/shared/session/session';
import ui from '@/shared/ui/ui.module.css';
import classes from './board.module.css';

export type LiveContact = Row<'/api/supervision'>;
export type Verb = 'listen' | 'whisper' | 'barge' | 'leave';

const EVERY_MS = 3000;
const NONE: readonly LiveContact[] = [];

/** Contacts in the centre now: who asks for help, who is listened to. The board's own feed carries no numbers and no parties. */
export function useLiveContacts(): readonly LiveContact[] {
  const can = useCan();
  const project = useProject();
  const query = useQuery({
    queryKey: ['supervision', project],
    queryFn: ({ signal }) => call(api.GET('/api/supervision', { signal })),
    refetchInterval: EVERY_MS,
    enabled: can('supervise'),
  });
  return query.data?.items ?? NONE;
}

const REQUESTS = {
  listen: '/api/supervision/{interaction_id}/listen',
  whisper: '/api/supervision/{interaction_id}/whisper',
  barge: '/api/supervision/{interaction_id}/barge',
  leave: '/api/supervision/{interaction_id}/leave',
} as const;

/** Enters a conversation or leaves it: the supervisor's own phone rings. */
export function useSupervise() {
  const { t } = useTranslation('board');
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, verb }: { readonly id: string; readonly verb: Verb }) => call(api.POST(REQUESTS[verb], { params: { path: { interaction_id: id } } })),
    onSuccess: (_, { verb }) => void toast.info(t(`supervise.done.${verb}`)),
    onError: (error) => void toast.error(errorText(error)),
    onSettled: () => client.invalidateQueries({ queryKey: ['supervision'] }),
  });
}

/** Listen, whisper, join; how it is heard is said beside each. */
export function SuperviseButtons({ id, contacts }: { readonly id: string; readonly contacts: readonly LiveContact[] }) {
  const { t } = useTranslation('board');
  const { person } = useSession();
  const act = useSupervise();
  const inside = contacts.find((one) => one.id === id)?.supervised_by.includes(person.id) === true;
  const run = (verb: Verb) => () => act.mutate({ id, verb });
  return (
    <div className={classes.stack}>
      <div className={ui.row}>
        <Button variant="default" leftSection={<IconEar size={15} aria-hidden />} disabled={act.isPending} onClick={run('listen')}>
          {t('supervise.listen')}
        </Button>
        <Button variant="default" leftSection={<IconMessage2 size={15} aria-hidden />} disabled={act.isPending} onClick={run('whisper')}>
          {t('supervise.whisper')}
        </Button>
        <Button variant="default" leftSection={<IconUsers size={15} aria-hidden />} disabled={act.isPending} onClick={run('barge')}>
          {t('supervise.barge')}
        </Button>
        {inside && (
          <Button color="red" variant="light" leftSection={<IconPhoneOff size={15} aria-hidden />} disabled={act.isPending} onClick={run('leave')}>
            {t('supervise.leave')}
          </Button>
        )}
      </div>
      <p className={ui.faint}>{t('supervise.hint')}</p>
    </div>
  );
}
