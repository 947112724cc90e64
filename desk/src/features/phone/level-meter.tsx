import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { phone } from './phone';
import classes from './phone.module.css';

interface MeterProps {
  readonly onHeard: () => void;
  readonly onTrouble: (error: unknown) => void;
}

/** The microphone's level as a bar: whether this is the right headset is seen before anybody calls. */
export function LevelMeter({ onHeard, onTrouble }: MeterProps) {
  const { t } = useTranslation('phone');
  const bar = useRef<HTMLMeterElement>(null);
  const told = useRef({ onHeard, onTrouble });
  useEffect(() => {
    told.current = { onHeard, onTrouble };
  });
  useEffect(() => {
    const known: Partial<Navigator> = navigator;
    if (known.mediaDevices === undefined) return undefined;
    let first = true;
    return phone.audio.watchLevel(
      (level) => {
        if (bar.current !== null) bar.current.value = level;
        if (first) told.current.onHeard();
        first = false;
      },
      (error) => told.current.onTrouble(error),
    );
  }, []);
  return <meter ref={bar} className={classes.meter} min={0} max={1} low={0.2} high={0.95} optimum={0.6} aria-label={t('devices.level')} />;
}
