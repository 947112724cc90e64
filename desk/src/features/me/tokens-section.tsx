import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { confirm } from '@/shared/feedback/confirm';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useFormat } from '@/shared/i18n/format';
import { Loaded } from '@/shared/ui/error-view';
import { Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { NewToken } from './new-token';
import classes from './me.module.css';

const KEY = ['me', 'tokens'];

export function TokensSection() {
  const { t } = useTranslation(['me', 'common']);
  const format = useFormat();
  const client = useQueryClient();
  const [made, setMade] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: KEY });
  const tokens = useQuery({ queryKey: KEY, queryFn: ({ signal }) => call(api.GET('/api/me/tokens', { signal })) });
  const remove = useMutation({
    mutationFn: (id: string) => call(api.DELETE('/api/me/tokens/{token_id}', { params: { path: { token_id: id } } })),
    onSuccess: refresh,
    onError: (error) => void toast.error(errorText(error)),
  });
  const ask = async (id: string, name: string) => {
    if (await confirm({ title: t('tokens.removeTitle', { name }), text: t('tokens.removeText'), confirm: t('common:remove.confirm'), danger: true })) remove.mutate(id);
  };
  const day = (value: string | null) => (value === null ? t('tokens.never') : format.date(value));
  return (
    <Section
      title={t('tokens.title')}
      note={t('tokens.note')}
      actions={
        adding ? undefined : (
          <Button variant="default" size="compact-sm" onClick={() => setAdding(true)}>
            {t('tokens.new')}
          </Button>
        )
      }
    >
      {made !== null && <MadeToken token={made} close={() => setMade(null)} />}
      {adding && (
        <NewToken
          onMade={(token) => {
            setMade(token);
            setAdding(false);
            void refresh();
          }}
          cancel={() => setAdding(false)}
        />
      )}
      <Loaded query={tokens} lines={2}>
        {(rows) =>
          rows.length === 0 ? (
            <p className={ui.muted}>{t('tokens.none')}</p>
          ) : (
            <div className={ui.scrollX}>
              <table className={ui.plainTable}>
                <thead>
                  <tr>
                    <th scope="col">{t('tokens.name')}</th>
                    <th scope="col">{t('tokens.scopes')}</th>
                    <th scope="col">{t('tokens.expires')}</th>
                    <th scope="col">{t('tokens.used')}</th>
                    <th scope="col">
                      <span className="visually-hidden">{t('common:remove.confirm')}</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row) => (
                    <tr key={row.id}>
                      <td>{row.name}</td>
                      <td>{t('tokens.scopeCount', { count: row.scopes.length })}</td>
                      <td>{day(row.expires_at)}</td>
                      <td>{day(row.used_at)}</td>
                      <td className={ui.number}>
                        <Button variant="subtle" color="red" size="compact-sm" onClick={() => void ask(row.id, row.name)}>
                          {t('common:remove.confirm')}
                        </Button>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Loaded>
    </Section>
  );
}

function MadeToken({ token, close }: { readonly token: string; readonly close: () => void }) {
  const { t } = useTranslation(['me', 'common']);
  const copy = async () => {
    await navigator.clipboard.writeText(token);
    toast.done(t('common:copied'));
  };
  return (
    <div className={classes.codes} role="status">
      <p>{t('tokens.made')}</p>
      <code className={classes.secret}>{token}</code>
      <div className={ui.row}>
        <Button onClick={() => void copy()}>{t('common:copy')}</Button>
        <Button variant="default" onClick={close}>
          {t('common:close')}
        </Button>
      </div>
    </div>
  );
}
