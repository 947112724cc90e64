import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { Panel } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';

interface Thing {
  readonly name: string;
  readonly version: number;
  readonly archived_at: string | null;
}

interface ArchivePanelProps<T extends Thing> {
  readonly thing: T;
  /** Name of the cached queries. */
  readonly topic: 'companies' | 'projects';
  readonly text: string;
  readonly archive: (version: number) => Promise<T>;
  readonly restore: (version: number) => Promise<T>;
}

/** Putting away is taken back by one click, so it does not ask. */
export function ArchivePanel<T extends Thing>({ thing, topic, text, archive, restore }: ArchivePanelProps<T>) {
  const { t } = useTranslation(['projects', 'common']);
  const client = useQueryClient();
  const run = async (work: () => Promise<T>, undo: ((fresh: T) => Promise<T>) | null) => {
    try {
      const fresh = await work();
      if (undo !== null) toast.undoable(t('archive.done', { name: thing.name }), t('common:undo'), () => void run(() => undo(fresh), null));
    } catch (error) {
      toast.error(errorText(error));
    }
    void client.invalidateQueries({ queryKey: [topic] });
  };
  const archived = thing.archived_at !== null;
  return (
    <Panel title={t('archive.title')}>
      <p className={ui.muted}>{archived ? t('archive.archivedText') : text}</p>
      <Button
        mt="sm"
        fullWidth
        variant="default"
        onClick={() => void (archived ? run(() => restore(thing.version), null) : run(() => archive(thing.version), (fresh) => restore(fresh.version)))}
      >
        {archived ? t('archive.restore') : t('archive.button')}
      </Button>
    </Panel>
  );
}
