import { ActionIcon, Tooltip } from '@mantine/core';
import { IconPhoneOff, IconPlayerPlay } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Party } from './call-strip';
import { Elapsed } from '@/shared/ui/elapsed';
import type { Call } from './machine';
import { phone } from './phone';
import classes from './phone.module.css';

/** The other calls: on hold, or being called. */
export function Waiting({ calls }: { readonly calls: readonly Call[] }) {
  const { t } = useTranslation('phone');
  if (calls.length === 0) return null;
  return (
    <ul className={classes.waiting} aria-label={t('others')}>
      {calls.map((call) => (
        <li key={call.id} className={classes.chip}>
          <span className={classes.lamp} data-phase={call.phase} aria-hidden />
          <Party call={call} />
          <span className={classes.chipState}>{t(`state.${call.phase}`)}</span>
          <Elapsed since={call.since} />
          {call.phase === 'held' && (
            <Tooltip label={t('resume')}>
              <ActionIcon variant="subtle" aria-label={t('resume')} disabled={call.pending !== null} onClick={() => phone.feed({ type: 'resume', id: call.id })}>
                <IconPlayerPlay size={15} aria-hidden />
              </ActionIcon>
            </Tooltip>
          )}
          <Tooltip label={t('hangUp')}>
            <ActionIcon variant="subtle" color="red" aria-label={t('hangUp')} onClick={() => phone.feed({ type: 'hangUp', id: call.id })}>
              <IconPhoneOff size={15} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </li>
      ))}
    </ul>
  );
}
