import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { toast } from '@/shared/feedback/toasts';
import { useFormat } from '@/shared/i18n/format';
import { useSession } from '@/shared/session/session';
import { Section } from '@/shared/ui/page';
import { PasswordForm } from './password-form';

export function PasswordSection() {
  const { t } = useTranslation(['me', 'common']);
  const format = useFormat();
  const client = useQueryClient();
  const { person } = useSession();
  const changed = person.password_changed_at;
  return (
    <Section title={t('password.title')} note={changed === null ? t('password.note') : `${t('password.note')} ${t('password.changedAt', { at: format.dateTime(changed) })}`}>
      <PasswordForm
        onChanged={() => {
          toast.done(t('password.changed'));
          void client.invalidateQueries({ queryKey: ['me', 'sessions'] });
        }}
      />
    </Section>
  );
}
