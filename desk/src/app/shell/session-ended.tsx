import { Button, Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { SignInForm } from '@/features/auth/sign-in-form';
import type { Session } from '@/shared/api/types';
import { clearDrafts } from '@/shared/form/drafts';
import { sessionStore, useSessionState } from '@/shared/session/session';

/** Stands over the page, which stays as it is: after signing in again everything typed is still there. */
export function SessionEnded() {
  const { t } = useTranslation(['app', 'common']);
  const { status, session } = useSessionState();
  if (status !== 'ended') return null;
  const leave = () => {
    clearDrafts();
    window.location.assign('/sign-in');
  };
  const opened = (fresh: Session) => {
    // Somebody else signed in: nothing of the person before may stay on the screen.
    if (fresh.person.id !== session.person.id) window.location.assign('/');
    else sessionStore.open(fresh);
  };
  return (
    <Modal opened onClose={() => undefined} withCloseButton={false} closeOnEscape={false} closeOnClickOutside={false} title={t('ended.title')} size={400}>
      <p>{t('ended.text')}</p>
      <SignInForm login={session.person.login} onOpened={opened} />
      <Button variant="subtle" size="compact-sm" mt="xs" onClick={leave}>
        {t('ended.other')}
      </Button>
    </Modal>
  );
}
