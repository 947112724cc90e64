import { Button } from '@mantine/core';
import { IconPhoneCall } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useSoftphone } from '@/shared/softphone/softphone';
import ui from '@/shared/ui/ui.module.css';
import classes from './demo.module.css';
import type { Demo } from './demo';

/** Be a client: the phone of this page calls a number of the sample centre. */
export function CallButtons({ lines }: { readonly lines: Demo['lines'] }) {
  const { t } = useTranslation(['demo', 'common']);
  const phone = useSoftphone();
  const busy = phone.calls.length > 0;
  return (
    <>
      <div className={classes.lines}>
        {lines.map((line) => (
          <Button
            key={line.dialled}
            variant="default"
            leftSection={<IconPhoneCall size={16} aria-hidden />}
            disabled={!phone.ready || busy}
            onClick={() => phone.dial(line.dialled)}
          >
            {t('call', { project: t(`project.${line.project}`, { defaultValue: line.project }), number: line.dialled })}
          </Button>
        ))}
      </div>
      <p className={ui.muted}>{t(phone.ready ? (busy ? 'inCall' : 'callHint') : 'noPhone')}</p>
    </>
  );
}
