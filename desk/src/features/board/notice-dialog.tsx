import { Button, Checkbox, Modal, Select, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useFormat } from '@/shared/i18n/format';
import { useOptions } from '@/shared/live/cards';
import ui from '@/shared/ui/ui.module.css';
import classes from './board.module.css';
import type { BoardQueue } from './model';
import { SentNotices } from './sent-notices';

interface NoticeDialogProps {
  readonly opened: boolean;
  readonly close: () => void;
  readonly queues: ReadonlyMap<string, BoardQueue>;
}

const MAX_TEXT = 1000; // characters, as the server has it

/** A word to everybody of a project or to those who serve a queue; it stays on their desks until they close it. */
export function NoticeDialog({ opened, close, queues }: NoticeDialogProps) {
  const { t } = useTranslation(['board', 'common']);
  return (
    <Modal opened={opened} onClose={close} title={t('notice.title')} closeButtonProps={{ 'aria-label': t('common:close') }}>
      {opened && (
        <>
          <NoticeForm close={close} queues={queues} />
          <SentNotices />
        </>
      )}
    </Modal>
  );
}

function NoticeForm({ close, queues }: Omit<NoticeDialogProps, 'opened'>) {
  const { t } = useTranslation(['board', 'common']);
  const format = useFormat();
  const projects = useOptions('projects');
  const [text, setText] = useState('');
  const [urgent, setUrgent] = useState(false);
  const [to, setTo] = useState<string | null>(null);
  const names = [...queues.values()].map((one) => ({ value: `queue.${one.id}`, label: one.name })).sort((a, b) => format.compare(a.label, b.label));
  const groups = [
    { group: t('notice.projects'), items: projects.map((one) => ({ value: `project.${one.value}`, label: one.label })) },
    { group: t('notice.queues'), items: names },
  ];
  const [kind, id] = to?.split('.') ?? [];
  const send = useMutation({
    mutationFn: () => call(api.POST('/api/notices', { body: { text, urgent, project_id: kind === 'project' ? (id ?? null) : null, queue_id: kind === 'queue' ? (id ?? null) : null } })),
    onSuccess: () => {
      toast.done(t('notice.sent'));
      close();
    },
  });
  return (
    <form
      className={classes.stack}
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate();
      }}
    >
      <Select label={t('notice.to')} data={groups} value={to} searchable allowDeselect={false} required withAsterisk nothingFoundMessage={t('common:table.noOption')} onChange={setTo} />
      <Textarea label={t('notice.text')} rows={4} maxLength={MAX_TEXT} required withAsterisk value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <Checkbox label={t('notice.urgent')} checked={urgent} onChange={(event) => setUrgent(event.currentTarget.checked)} />
      {send.error !== null && (
        <p role="alert" className={ui.errorText}>
          {errorText(send.error)}
        </p>
      )}
      <div className={ui.dialogButtons}>
        <Button variant="default" onClick={close}>
          {t('common:cancel')}
        </Button>
        <Button type="submit" loading={send.isPending} disabled={text.trim() === '' || to === null}>
          {t('notice.send')}
        </Button>
      </div>
    </form>
  );
}
