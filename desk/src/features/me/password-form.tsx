import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { PasswordField } from '@/shared/form/fields';
import { useForm } from '@/shared/form/use-form';
import ui from '@/shared/ui/ui.module.css';

const EMPTY = { current: '', new: '' };

export function PasswordForm({ onChanged }: { readonly onChanged: () => void }) {
  const { t } = useTranslation(['me', 'common']);
  const form = useForm({
    name: 'password',
    initial: EMPTY,
    version: null,
    secret: true,
    save: async (_change, values) => {
      await call(api.POST('/api/me/password', { body: values }));
      return { values, version: null };
    },
    onSaved: () => {
      form.set('current', '');
      form.set('new', '');
      onChanged();
    },
  });
  return (
    <form
      id={form.id}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void form.submit();
      }}
    >
      <div className={ui.grid}>
        <PasswordField form={form} name="current" label={t('password.current')} autoComplete="current-password" />
        <PasswordField form={form} name="new" label={t('password.new')} autoComplete="new-password" />
      </div>
      <div className={ui.row}>
        <Button type="submit" variant="default" mt="sm" loading={form.saving} disabled={form.values.current === '' || form.values.new === ''}>
          {t('password.change')}
        </Button>
        <span role="alert" className={ui.errorText}>
          {form.problem}
        </span>
      </div>
    </form>
  );
}
