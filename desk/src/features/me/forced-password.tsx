import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { sessionStore } from '@/shared/session/session';
import { Page } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { PasswordForm } from './password-form';

/** After a temporary password nothing else is open until the person has chosen one of their own. */
export function ForcedPassword() {
  const { t } = useTranslation(['me', 'common']);
  return (
    <Page title={t('forced.title')}>
      <div className={ui.narrow}>
        <p className={ui.dialogText}>{t('forced.text')}</p>
        <PasswordForm onChanged={() => void call(api.GET('/api/session')).then((session) => sessionStore.open(session))} />
      </div>
    </Page>
  );
}
