import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Posted } from '@/shared/api/types';
import { DateField, MultiField, TextField } from '@/shared/form/fields';
import { useForm } from '@/shared/form/use-form';
import { usePermissionName } from '@/shared/ui/permission-name';
import { useSession } from '@/shared/session/session';
import ui from '@/shared/ui/ui.module.css';
import classes from './me.module.css';

interface TokenValues {
  name: string;
  scopes: string[];
  expires_at: string | null;
}

interface NewTokenProps {
  readonly onMade: (token: string) => void;
  readonly cancel: () => void;
}

const EMPTY: TokenValues = { name: '', scopes: [], expires_at: null };

export function NewToken({ onMade, cancel }: NewTokenProps) {
  const { t } = useTranslation(['me', 'common']);
  const { permissions } = useSession();
  const permission = usePermissionName();
  const form = useForm<TokenValues>({
    name: 'token.new',
    initial: EMPTY,
    version: null,
    save: async (_change, values) => {
      // A token is good until the end of its last day.
      const expires_at = values.expires_at === null ? null : `${values.expires_at}T23:59:59Z`;
      const made = await call(api.POST('/api/me/tokens', { body: { ...values, expires_at } as Posted<'/api/me/tokens'> }));
      onMade(made.token);
      return { values, version: null };
    },
  });
  return (
    <form
      id={form.id}
      className={classes.codes}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void form.submit();
      }}
    >
      <div className={ui.grid}>
        <TextField form={form} name="name" label={t('tokens.name')} required focusFirst />
        <DateField form={form} name="expires_at" label={t('tokens.expires')} />
        <div className={ui.span}>
          <MultiField form={form} name="scopes" label={t('tokens.scopes')} required options={permissions.map((value) => ({ value, label: permission(value) }))} />
        </div>
      </div>
      <div className={ui.row}>
        <Button type="submit" loading={form.saving}>
          {t('tokens.create')}
        </Button>
        <Button
          variant="default"
          onClick={() => {
            form.reset();
            cancel();
          }}
        >
          {t('common:cancel')}
        </Button>
        <span role="alert" className={ui.errorText}>
          {form.problem}
        </span>
      </div>
    </form>
  );
}
