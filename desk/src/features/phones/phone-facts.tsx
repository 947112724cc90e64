import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import ui from '@/shared/ui/ui.module.css';
import type { Phone } from './phones';
import classes from './phones.module.css';

/** What is known of a phone beyond what somebody typed. */
export function PhoneFacts({ phone }: { readonly phone: Phone }) {
  const { t } = useTranslation('phones');
  const format = useFormat();
  return (
    <dl className={`${ui.facts ?? ''} ${classes.facts ?? ''}`}>
      <dt>{t('field.user')}</dt>
      <dd>{phone.user}</dd>
      <dt>{t('field.secretAt')}</dt>
      <dd>{format.dateTime(phone.secret_at)}</dd>
      <dt>{t('field.registeredUntil')}</dt>
      <dd>{phone.registered_until === null ? t('state.away') : format.exact(phone.registered_until)}</dd>
      {phone.registered_at !== null && (
        <>
          <dt>{t('field.registeredAt')}</dt>
          <dd>{format.dateTime(phone.registered_at)}</dd>
          <dt>{t('field.address')}</dt>
          <dd>{phone.address}</dd>
          <dt>{t('field.agent')}</dt>
          <dd>{phone.user_agent}</dd>
        </>
      )}
    </dl>
  );
}
