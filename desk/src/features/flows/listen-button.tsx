import { Button } from '@mantine/core';
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';

interface ListenButtonProps {
  readonly language: string;
  readonly playing: boolean;
  readonly onClick: () => void;
}

export function ListenButton({ language, playing, onClick }: ListenButtonProps) {
  const { t } = useTranslation('flows');
  const format = useFormat();
  const code = language.toUpperCase();
  const Icon = playing ? IconPlayerStop : IconPlayerPlay;
  return (
    <Button
      variant="default"
      size="compact-xs"
      leftSection={<Icon size={12} aria-hidden />}
      // The name begins with what is seen, so that it can be said to a speech input (WCAG 2.5.3).
      aria-label={`${code}: ${t(playing ? 'prompt.stop' : 'prompt.listen', { language: format.language(language) })}`}
      onClick={onClick}
    >
      {code}
    </Button>
  );
}
