import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useNames } from '@/shared/live/cards';
import { useCan } from '@/shared/session/session';
import { Empty, Notice } from '@/shared/ui/bits';
import { Loaded } from '@/shared/ui/error-view';
import { Page } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { clockTime, type LiveCall } from './calls';

const EVERY_MS = 2000;

/** The calls that are up now, the oldest first. */
export function LiveCallsPage() {
  const { t } = useTranslation('calls');
  const query = useQuery({ queryKey: ['calls', 'live'], queryFn: ({ signal }) => call(api.GET('/api/calls/live', { signal })), refetchInterval: EVERY_MS });
  return (
    <Page title={t('live.title')}>
      <Loaded query={query}>
        {(live) => (
          <>
            {!live.running && <Notice tone="warn">{t('live.notRunning')}</Notice>}
            {live.items.length === 0 ? <Empty title={t('live.none')} text={t('live.noneText')} /> : <LiveTable items={live.items} now={live.now} />}
          </>
        )}
      </Loaded>
    </Page>
  );
}

/** The server's clock, going on between two answers. */
function useServerTime(now: string): number {
  const [passed, setPassed] = useState({ now, seconds: 0 });
  useEffect(() => {
    const began = Date.now();
    const timer = window.setInterval(() => setPassed({ now, seconds: (Date.now() - began) / 1000 }), 1000);
    return () => window.clearInterval(timer);
  }, [now]);
  return new Date(now).getTime() / 1000 + (passed.now === now ? passed.seconds : 0);
}

function LiveTable({ items, now }: { readonly items: readonly LiveCall[]; readonly now: string }) {
  const { t } = useTranslation('calls');
  const can = useCan();
  const client = useQueryClient();
  const project = useNames('projects');
  const time = useServerTime(now);
  const end = useMutation({
    mutationFn: (id: string) => call(api.POST('/api/calls/{call_id}/hang-up', { params: { path: { call_id: id } } })),
    onError: (error) => void toast.error(errorText(error)),
    onSettled: () => client.invalidateQueries({ queryKey: ['calls', 'live'] }),
  });
  return (
    <div className={ui.scrollX}>
      <table className={ui.plainTable}>
        <thead>
          <tr>
            <th scope="col">{t('field.caller')}</th>
            <th scope="col">{t('field.callee')}</th>
            <th scope="col">{t('field.direction')}</th>
            <th scope="col">{t('field.project')}</th>
            <th scope="col">{t('live.state')}</th>
            <th scope="col" className={ui.number}>
              {t('live.duration')}
            </th>
            {can('calls.control') && <th scope="col">{t('live.action')}</th>}
          </tr>
        </thead>
        <tbody>
          {items.map((one) => (
            <tr key={one.id}>
              <td>
                <Link to="/calls/$id" params={{ id: one.id }}>
                  {one.caller.masked || '—'}
                </Link>
              </td>
              <td>{one.callee.masked || '—'}</td>
              <td>{t(`direction.${one.direction}`)}</td>
              <td>{project(one.project_id) || '—'}</td>
              <td>{one.answered_at === null ? t('live.ringing') : t('live.talking')}</td>
              <td className={ui.number}>{clockTime(time - new Date(one.answered_at ?? one.started_at).getTime() / 1000)}</td>
              {can('calls.control') && (
                <td>
                  <Button size="compact-sm" color="red" variant="light" disabled={end.isPending} onClick={() => end.mutate(one.id)}>
                    {t('live.hangUp')}
                  </Button>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
