import { useTranslation } from 'react-i18next';
import { useCan } from '@/shared/session/session';
import { Page } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { PasswordSection } from './password-section';
import { ProfileSection } from './profile-section';
import { SessionsSection } from './sessions-section';
import { TokensSection } from './tokens-section';
import { TotpSection } from './totp-section';

export function MePage() {
  const { t } = useTranslation(['me', 'common']);
  const can = useCan();
  return (
    <Page title={t('title')}>
      <div className={ui.narrow}>
        <ProfileSection />
        <PasswordSection />
        <TotpSection />
        <SessionsSection />
        {can('tokens.own') && <TokensSection />}
      </div>
    </Page>
  );
}
