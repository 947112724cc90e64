import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useFormat } from '@/shared/i18n/format';
import { Tag } from '@/shared/ui/bits';
import { Loaded } from '@/shared/ui/error-view';
import { Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { browserName } from './browser-name';

const KEY = ['me', 'sessions'];

export function SessionsSection() {
  const { t } = useTranslation(['me', 'common']);
  const format = useFormat();
  const client = useQueryClient();
  const sessions = useQuery({ queryKey: KEY, queryFn: ({ signal }) => call(api.GET('/api/me/sessions', { signal })) });
  const settled = { onSuccess: () => client.invalidateQueries({ queryKey: KEY }), onError: (error: unknown) => void toast.error(errorText(error)) };
  const end = useMutation({ mutationFn: (id: string) => call(api.DELETE('/api/me/sessions/{session_id}', { params: { path: { session_id: id } } })), ...settled });
  const endOthers = useMutation({ mutationFn: () => call(api.DELETE('/api/me/sessions')), ...settled });
  const several = (sessions.data?.length ?? 0) > 1;
  return (
    <Section
      title={t('sessions.title')}
      note={t('sessions.note')}
      actions={
        several ? (
          <Button variant="default" size="compact-sm" loading={endOthers.isPending} onClick={() => endOthers.mutate()}>
            {t('sessions.endOthers')}
          </Button>
        ) : undefined
      }
    >
      <Loaded query={sessions} lines={3}>
        {(rows) => (
          <div className={ui.scrollX}>
            <table className={ui.plainTable}>
              <thead>
                <tr>
                  <th scope="col">{t('sessions.browser')}</th>
                  <th scope="col">{t('sessions.address')}</th>
                  <th scope="col">{t('sessions.since')}</th>
                  <th scope="col">{t('sessions.seen')}</th>
                  <th scope="col">
                    <span className="visually-hidden">{t('sessions.end')}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={row.id}>
                    <td title={row.user_agent}>{browserName(row.user_agent)}</td>
                    <td>{row.address}</td>
                    <td>
                      <time dateTime={row.created_at}>{format.dateTime(row.created_at)}</time>
                    </td>
                    <td>
                      <time dateTime={row.seen_at}>{format.dateTime(row.seen_at)}</time>
                    </td>
                    <td className={ui.number}>
                      {row.current ? (
                        <Tag tone="good">{t('sessions.current')}</Tag>
                      ) : (
                        <Button variant="subtle" size="compact-sm" onClick={() => end.mutate(row.id)}>
                          {t('sessions.end')}
                        </Button>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
    </Section>
  );
}
