import { Button } from '@mantine/core';
import { IconCloudOff } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { live, useLostSince } from '@/shared/live/live';
import { useSessionState } from '@/shared/session/session';
import classes from './shell.module.css';

/** A restart of the server takes a moment; nobody has to read about that. */
const GRACE_MS = 2500;

export function LiveBanner() {
  const { t } = useTranslation(['app', 'common']);
  const lostSince = useLostSince();
  const { status } = useSessionState();
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (lostSince === null) return undefined;
    const timer = window.setTimeout(() => setLate(true), Math.max(0, lostSince + GRACE_MS - performance.now()));
    return () => {
      window.clearTimeout(timer);
      setLate(false);
    };
  }, [lostSince]);
  const shown = lostSince !== null && late && status === 'open';
  return (
    <div role="status" aria-live="polite">
      {shown && (
        <div className={classes.banner}>
          <IconCloudOff size={17} aria-hidden />
          <span>{t('live.lost')}</span>
          <Button variant="default" size="compact-sm" onClick={live.retry}>
            {t('live.retry')}
          </Button>
        </div>
      )}
    </div>
  );
}
