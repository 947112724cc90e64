import { Button } from '@mantine/core';
import { IconPhone, IconPhoneOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useNotice } from '@/shared/softphone/notice';
import { Keys } from '@/shared/ui/bits';
import { Party } from './call-strip';
import { Elapsed } from '@/shared/ui/elapsed';
import type { Call } from './machine';
import { shownNumber } from './number';
import { phone } from './phone';
import classes from './phone.module.css';

/** Who calls, beside the work and never over it: the focus stays where somebody types. */
export function Incoming({ calls }: { readonly calls: readonly Call[] }) {
  const { t } = useTranslation('phone');
  const [first] = calls;
  const who = first === undefined ? '' : first.name || shownNumber(first.number) || t('unknown');
  useNotice(first?.id ?? null, t('calls', { who }), 'centrala.phone');
  return (
    <div role="alert" className={classes.incoming}>
      {calls.map((call, index) => (
        <div key={call.id} className={classes.ringing}>
          <span className={classes.bell} aria-hidden>
            <IconPhone size={20} />
          </span>
          <span className={classes.who}>
            <span className={classes.calling}>{t('incoming')}</span>
            <Party call={call} />
          </span>
          <Elapsed since={call.since} />
          <Button
            className={classes.answer}
            leftSection={<IconPhone size={16} aria-hidden />}
            rightSection={index === 0 ? <Keys keys="F2" /> : undefined}
            aria-keyshortcuts={index === 0 ? 'F2' : undefined}
            loading={call.pending === 'answer'}
            onClick={() => phone.feed({ type: 'answer', id: call.id })}
          >
            {t('answer')}
          </Button>
          <Button variant="default" leftSection={<IconPhoneOff size={16} aria-hidden />} onClick={() => phone.feed({ type: 'hangUp', id: call.id })}>
            {t('reject')}
          </Button>
        </div>
      ))}
    </div>
  );
}
