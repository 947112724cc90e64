import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { isLanguage, setLanguage } from '@/shared/i18n';
import { sessionStore } from '@/shared/session/session';
import { Front } from './front';
import { takeFragment } from './fragment';
import { SignInForm } from './sign-in-form';
import classes from './auth.module.css';

export function SignInPage() {
  const { t } = useTranslation(['auth', 'common']);
  const navigate = useNavigate();
  const { next } = useSearch({ from: '/sign-in' });
  const [given] = useState(takeFragment);
  const setup = useQuery({ queryKey: ['setup'], queryFn: ({ signal }) => call(api.GET('/api/setup', { signal })), retry: false });
  return (
    <Front title={t('signInTitle')}>
      {setup.data?.needed === true && <p className={classes.note}>{t('setupNeeded')}</p>}
      <SignInForm
        login={given.get('login') ?? ''}
        password={given.get('password') ?? ''}
        onOpened={async (session) => {
          // Before the desk shows, else it would stand there in the browser's language for a moment.
          if (isLanguage(session.person.language)) await setLanguage(session.person.language);
          sessionStore.open(session);
          void navigate({ href: next ?? '/', replace: true });
        }}
      />
    </Front>
  );
}
