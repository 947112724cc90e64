import { Button } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { PasswordField, TextField } from '@/shared/form/fields';
import { useForm } from '@/shared/form/use-form';
import { isLanguage } from '@/shared/i18n';
import { sessionStore } from '@/shared/session/session';
import { Front } from './front';
import { takeFragment } from './fragment';
import classes from './auth.module.css';

const NOBODY = { given_name: '', family_name: '', login: '', password: '' };

/** The first administrator of a new centre makes their account here. */
export function SetupPage() {
  const { t, i18n } = useTranslation(['auth', 'common']);
  const navigate = useNavigate();
  const [token] = useState(() => takeFragment().get('token') ?? '');
  const setup = useQuery({ queryKey: ['setup'], queryFn: ({ signal }) => call(api.GET('/api/setup', { signal })) });
  const form = useForm({
    name: 'setup',
    initial: NOBODY,
    version: null,
    secret: true,
    save: async (_change, values) => {
      const language = isLanguage(i18n.language) ? i18n.language : 'en';
      const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      sessionStore.open(await call(api.POST('/api/setup', { body: { ...values, token, language, time_zone } })));
      return { values, version: null };
    },
    onSaved: () => void navigate({ to: '/', replace: true, ignoreBlocker: true }),
  });
  if (setup.data?.needed === false) {
    return (
      <Front title={t('setupTitle')} text={t('setupDone')}>
        <Link to="/sign-in">{t('toSignIn')}</Link>
      </Front>
    );
  }
  return (
    <Front title={t('setupTitle')} text={token === '' ? t('setupNoToken') : t('setupText')}>
      <form
        id={form.id}
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void form.submit();
        }}
      >
        <div className={classes.pair}>
          <TextField form={form} name="given_name" label={t('givenName')} autoComplete="given-name" required />
          <TextField form={form} name="family_name" label={t('familyName')} autoComplete="family-name" required />
        </div>
        <TextField form={form} name="login" label={t('login')} autoComplete="username" required />
        <PasswordField form={form} name="password" label={t('password')} description={t('passwordHint')} autoComplete="new-password" required />
        <p role="alert" className={classes.problem}>
          {form.problem}
        </p>
        <Button type="submit" fullWidth loading={form.saving} disabled={token === ''}>
          {t('createAccount')}
        </Button>
      </form>
    </Front>
  );
}
