import { ActionIcon } from '@mantine/core';
import { IconAlertTriangle, IconBell, IconBellOff } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { newAlerts, type BoardAlert } from './alerts';
import classes from './board.module.css';
import { clockText } from './clock';
import { Since } from './since';
import { alarm, sound, useSoundOn } from './sound';
import { percent } from './words';

/** Rings when a threshold is crossed while the page is open. */
export function useAlarm(alerts: readonly BoardAlert[]): void {
  const seen = useRef<ReadonlySet<string> | null>(null);
  useEffect(() => {
    if (newAlerts(seen.current, alerts).length > 0) alarm();
    seen.current = new Set(alerts.map((one) => one.id));
  }, [alerts]);
}

export function useAlertText(): (alert: BoardAlert) => string {
  const { t } = useTranslation('board');
  const format = useFormat();
  return (alert) => {
    const write = (value: number) => {
      if (alert.measure === 'service_level') return percent(value, format);
      return alert.measure === 'longest_wait' ? clockText(value) : format.number(value);
    };
    return t(`alert.${alert.measure}`, { queue: alert.queue.name, value: write(alert.value), threshold: write(alert.threshold) });
  };
}

/** The list of crossed thresholds; said aloud by screen readers as they come. */
export function AlertList({ alerts, open }: { readonly alerts: readonly BoardAlert[]; readonly open: (queueId: string) => void }) {
  const { t } = useTranslation('board');
  const text = useAlertText();
  return (
    <section aria-label={t('alerts')} className={classes.alerts} data-empty={alerts.length === 0}>
      <div role="status" aria-live="polite">
        <ul>
          {alerts.map((one) => (
            <li key={one.id} className={classes.alert}>
              <IconAlertTriangle size={16} aria-hidden />
              <button type="button" className={classes.alertText} onClick={() => open(one.queue.id)}>
                {text(one)}
              </button>
              <span className={classes.alertTime} aria-hidden>
                <Since at={one.since} />
              </span>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

export function SoundSwitch() {
  const { t } = useTranslation('board');
  const on = useSoundOn();
  return (
    <ActionIcon size={34} variant="default" aria-pressed={on} aria-label={t('sound')} title={on ? t('soundOn') : t('soundOff')} onClick={() => sound.set(!on)}>
      {on ? <IconBell size={16} aria-hidden /> : <IconBellOff size={16} aria-hidden />}
    </ActionIcon>
  );
}
