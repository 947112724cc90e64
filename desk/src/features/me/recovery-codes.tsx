import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { toast } from '@/shared/feedback/toasts';
import ui from '@/shared/ui/ui.module.css';
import classes from './me.module.css';

interface RecoveryCodesProps {
  readonly codes: readonly string[];
  readonly onDone: () => void;
}

/** Shown this once. */
export function RecoveryCodes({ codes, onDone }: RecoveryCodesProps) {
  const { t } = useTranslation(['me', 'common']);
  const copy = async () => {
    await navigator.clipboard.writeText(codes.join('\n'));
    toast.done(t('common:copied'));
  };
  return (
    <div className={classes.codes} role="status">
      <p>{t('totp.codes')}</p>
      <ul className={classes.codeList}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div className={ui.row}>
        <Button onClick={onDone}>{t('totp.kept')}</Button>
        <Button variant="default" onClick={() => void copy()}>
          {t('common:copy')}
        </Button>
      </div>
    </div>
  );
}
