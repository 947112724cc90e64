import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useRef, useState, type SyntheticEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { ApiError } from '@/shared/api/problem';
import type { Session } from '@/shared/api/types';
import { errorText } from '@/shared/i18n/errors';
import classes from './auth.module.css';

interface SignInFormProps {
  readonly login?: string;
  readonly password?: string;
  readonly onOpened: (session: Session) => Promise<void> | void;
}

/** Login and password; when the server asks for it, the code of the second factor as a second step. */
export function SignInForm({ login: firstLogin = '', password: firstPassword = '', onOpened }: SignInFormProps) {
  const { t } = useTranslation(['auth', 'common']);
  const [login, setLogin] = useState(firstLogin);
  const [password, setPassword] = useState(firstPassword);
  const [code, setCode] = useState('');
  const [step, setStep] = useState<'password' | 'code'>('password');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const codeInput = useRef<HTMLInputElement>(null);

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      const body = { login: login.trim(), password, ...(step === 'code' ? { code: code.replaceAll(' ', '') } : {}) };
      await onOpened(await call(api.POST('/api/session', { body })));
    } catch (error) {
      if (error instanceof ApiError && error.code === 'auth.totp_required') setStep('code');
      else {
        if (error instanceof ApiError && error.code === 'auth.wrong_credentials') setStep('password');
        setProblem(errorText(error));
        codeInput.current?.select();
      }
    } finally {
      setBusy(false);
    }
  };

  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)}>
      {step === 'password' ? (
        <>
          <TextInput
            label={t('login')}
            name="login"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            withAsterisk={false}
            data-autofocus={login === '' ? true : undefined}
            // The page exists for this one field.
            // eslint-disable-next-line jsx-a11y/no-autofocus
            autoFocus={login === ''}
            value={login}
            onChange={(event) => setLogin(event.currentTarget.value)}
          />
          <PasswordInput
            label={t('password')}
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            data-autofocus={login !== '' ? true : undefined}
            // eslint-disable-next-line jsx-a11y/no-autofocus
            autoFocus={login !== ''}
            visibilityToggleButtonProps={{ 'aria-label': t('common:form.showPassword'), tabIndex: 0 }}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        </>
      ) : (
        <TextInput
          ref={codeInput}
          label={t('code')}
          description={t('codeHint')}
          name="code"
          autoComplete="one-time-code"
          inputMode="text"
          spellCheck={false}
          required
          withAsterisk={false}
          // eslint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
      )}
      <p role="alert" className={classes.problem}>
        {problem}
      </p>
      <Button type="submit" fullWidth loading={busy}>
        {step === 'password' ? t('signIn') : t('confirm')}
      </Button>
      {step === 'code' && (
        <Button
          variant="subtle"
          fullWidth
          onClick={() => {
            setStep('password');
            setCode('');
            setProblem(null);
          }}
        >
          {t('back')}
        </Button>
      )}
    </form>
  );
}
