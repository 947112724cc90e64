import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SPEECH_DB, heardSpeech } from './measure';
import { listen } from './sound';
import classes from './selftest.module.css';

const FLOOR_DB = -80;
const ENOUGH = 8; // looks with speech in them, about half a second
const PATIENCE_MS = 12_000;

interface MicrophoneProps {
  readonly heard: (db: number) => void;
  readonly failed: (error: unknown) => void;
}

/** The level of the microphone while somebody speaks a sentence; done by itself once speech was heard. */
export function MicrophoneStep({ heard, failed }: MicrophoneProps) {
  const { t } = useTranslation('selftest');
  const bar = useRef<HTMLMeterElement>(null);
  const told = useRef({ heard, failed });
  const [silent, setSilent] = useState(false);
  useEffect(() => {
    told.current = { heard, failed };
  });
  useEffect(() => {
    const known: Partial<Navigator> = navigator;
    if (known.mediaDevices === undefined) return undefined;
    let over = false;
    let stop: (() => void) | null = null;
    let [loud, peak] = [0, -120];
    const late = window.setTimeout(() => {
      if (loud >= ENOUGH) return;
      setSilent(true);
      told.current.heard(peak);
    }, PATIENCE_MS);
    listen((db) => {
      if (bar.current !== null) bar.current.value = Math.max(0, 1 - db / FLOOR_DB);
      peak = Math.max(peak, db);
      if (!heardSpeech(db)) return;
      loud += 1;
      if (loud !== ENOUGH) return;
      setSilent(false);
      told.current.heard(peak);
    }).then(
      (end) => {
        stop = end;
        if (over) end();
      },
      (error: unknown) => told.current.failed(error),
    );
    return () => {
      over = true;
      window.clearTimeout(late);
      stop?.();
    };
  }, []);
  return (
    <>
      <p className={classes.hint}>{t('microphone.hint')}</p>
      <meter ref={bar} className={classes.meter} min={0} max={1} low={1 - SPEECH_DB / FLOOR_DB} high={0.97} optimum={0.7} aria-label={t('microphone.level')} />
      {silent && <p className={classes.warn}>{t('microphone.silent')}</p>}
    </>
  );
}
