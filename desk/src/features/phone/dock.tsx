import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/shared/session/session';
import { useTaken } from '@/shared/softphone/softphone';
import { lendPhone, ownCalls } from './bridge';
import { CallStrip } from './call-strip';
import { DevicesButton } from './devices-panel';
import { DialButton } from './dial-panel';
import { Incoming } from './incoming';
import { headline, isLive, mainCall } from './machine';
import { PhoneKeys } from './phone-keys';
import { phone, usePhone } from './phone';
import { Waiting } from './waiting';
import classes from './phone.module.css';

/** The phone in the call bar. */
export function PhoneDock() {
  const { t } = useTranslation('phone');
  const { person } = useSession();
  useEffect(() => {
    phone.start(person.id);
    const release = lendPhone();
    return () => {
      release();
      phone.stop();
    };
  }, [person.id]);
  const { phone: whole, sound } = usePhone();
  const taken = useTaken();
  const state = useMemo(() => ownCalls(whole, taken), [whole, taken]);
  const main = mainCall(state);
  // Beside a contact the phone needs no words; its lamp and its tools stay.
  const slim = taken.size > 0;
  const now = headline(state);
  const others = state.calls.filter((one) => isLive(one) && one !== main && one.phase !== 'ringing');
  return (
    <section className={classes.dock} data-slim={slim} aria-label={t('label')}>
      <Incoming calls={state.calls.filter((one) => one.phase === 'ringing')} />
      {main === undefined ? (
        <span className={classes.phase} role="status">
          <span className={classes.lamp} data-phase={now} aria-hidden />
          <span className={classes.phaseWord}>{t(`state.${now}`)}</span>
        </span>
      ) : (
        <CallStrip call={main} others={others} muted={state.muted} sound={sound} />
      )}
      {main === undefined && state.link === 'elsewhere' && (
        <button type="button" className={classes.link} onClick={() => phone.take()}>
          {t('take')}
        </button>
      )}
      {state.trouble !== null && (
        <p className={classes.trouble} role="alert">
          {t(`trouble.${state.trouble}`)}
        </p>
      )}
      <Waiting calls={others} />
      <span className={classes.space} />
      {state.link !== 'elsewhere' && !slim && <DialButton ready={state.link === 'ready'} />}
      <DevicesButton />
      <PhoneKeys state={state} />
    </section>
  );
}
