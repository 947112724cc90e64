import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { confirm } from '@/shared/feedback/confirm';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';

interface RemoveButtonProps {
  readonly what: string;
  readonly remove: () => Promise<unknown>;
  readonly onDone: () => void;
}

/** For what can not be brought back: asks first. */
export function RemoveButton({ what, remove, onDone }: RemoveButtonProps) {
  const { t } = useTranslation();
  const run = async () => {
    const yes = await confirm({ title: t('remove.title', { name: what }), text: t('remove.text'), confirm: t('remove.confirm'), danger: true });
    if (!yes) return;
    try {
      await remove();
      toast.done(t('remove.done', { name: what }));
      onDone();
    } catch (error) {
      toast.error(errorText(error));
    }
  };
  return (
    <Button variant="subtle" color="red" onClick={() => void run()}>
      {t('remove.confirm')}
    </Button>
  );
}
