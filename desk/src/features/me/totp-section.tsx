import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useState, type SyntheticEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { ApiError } from '@/shared/api/problem';
import type { Session } from '@/shared/api/types';
import { toast } from '@/shared/feedback/toasts';
import { errorText, fieldText } from '@/shared/i18n/errors';
import { sessionStore, useSession } from '@/shared/session/session';
import { Tag } from '@/shared/ui/bits';
import { Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { RecoveryCodes } from './recovery-codes';
import classes from './me.module.css';

interface Begun {
  readonly secret: string;
  readonly qr_svg: string;
}

const textOf = (error: unknown): string => {
  const [field] = error instanceof ApiError ? error.fields : [];
  return field === undefined ? errorText(error) : fieldText(field);
};

async function refresh(): Promise<Session> {
  const session = await call(api.GET('/api/session'));
  sessionStore.open(session);
  return session;
}

/** The second factor: off, being set up, or on. */
export function TotpSection() {
  const { t } = useTranslation(['me', 'common']);
  const { person } = useSession();
  const [begun, setBegun] = useState<Begun | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const begin = async () => {
    try {
      setBegun(await call(api.POST('/api/me/totp')));
    } catch (error) {
      toast.error(errorText(error));
    }
  };
  const finish = async () => {
    setCodes(null);
    await refresh();
  };
  return (
    <Section title={t('totp.title')} note={t('totp.note')}>
      {codes !== null && <RecoveryCodes codes={codes} onDone={() => void finish()} />}
      {codes === null && person.totp_enabled && <TurnOff />}
      {codes === null && !person.totp_enabled && begun === null && (
        <div className={ui.row}>
          <Tag>{t('totp.off')}</Tag>
          <Button variant="default" onClick={() => void begin()}>
            {t('totp.turnOn')}
          </Button>
        </div>
      )}
      {codes === null && !person.totp_enabled && begun !== null && (
        <Confirm
          begun={begun}
          onConfirmed={(fresh) => {
            setBegun(null);
            setCodes(fresh);
          }}
          cancel={() => setBegun(null)}
        />
      )}
    </Section>
  );
}

interface ConfirmProps {
  readonly begun: Begun;
  readonly onConfirmed: (codes: readonly string[]) => void;
  readonly cancel: () => void;
}

function Confirm({ begun, onConfirmed, cancel }: ConfirmProps) {
  const { t } = useTranslation(['me', 'common']);
  const [code, setCode] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    try {
      onConfirmed((await call(api.POST('/api/me/totp/confirm', { body: { code: code.replaceAll(' ', '') } }))).recovery_codes);
    } catch (error) {
      setProblem(textOf(error));
    }
  };
  return (
    <form className={classes.totp} onSubmit={(event) => void submit(event)}>
      {/* As an image, so that nothing in the markup could run. */}
      <img className={classes.qr} src={`data:image/svg+xml,${encodeURIComponent(withNamespace(begun.qr_svg))}`} alt={t('totp.qr')} width={168} height={168} />
      <div className={classes.totpSteps}>
        <p>{t('totp.scan')}</p>
        <p>
          {t('totp.type')} <code className={classes.secret}>{begun.secret.replaceAll(/(.{4})/g, '$1 ')}</code>
        </p>
        <TextInput
          label={t('totp.code')}
          error={problem}
          autoComplete="one-time-code"
          inputMode="numeric"
          maxLength={8}
          w={160}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <div className={ui.row}>
          <Button type="submit" disabled={code.trim().length < 6}>
            {t('totp.confirm')}
          </Button>
          <Button variant="default" onClick={cancel}>
            {t('common:cancel')}
          </Button>
        </div>
      </div>
    </form>
  );
}

/** An SVG that stands in HTML may lack the namespace that it needs as an image. */
const withNamespace = (svg: string): string => (svg.includes('xmlns=') ? svg : svg.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"'));

function TurnOff() {
  const { t } = useTranslation(['me', 'common']);
  const [password, setPassword] = useState('');
  const [open, setOpen] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    try {
      await call(api.POST('/api/me/totp/off', { body: { password } }));
      await refresh();
      toast.done(t('totp.isOff'));
    } catch (error) {
      setProblem(textOf(error));
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <div className={ui.row}>
        <Tag tone="good">{t('totp.on')}</Tag>
        {!open && (
          <Button variant="default" onClick={() => setOpen(true)}>
            {t('totp.turnOff')}
          </Button>
        )}
      </div>
      {open && (
        <div className={classes.turnOff}>
          <PasswordInput
            label={t('password.current')}
            error={problem}
            autoComplete="current-password"
            visibilityToggleButtonProps={{ 'aria-label': t('common:form.showPassword'), tabIndex: 0 }}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" variant="light" color="red" disabled={password === ''}>
            {t('totp.turnOff')}
          </Button>
        </div>
      )}
    </form>
  );
}
