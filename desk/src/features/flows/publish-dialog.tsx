import { Button, Modal, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { Notice } from '@/shared/ui/bits';
import { FindingList } from './checks-panel';
import { DifferenceText } from './difference-text';
import type { Finding } from './editor-context';
import type { FlowWhole } from './flows';
import classes from './flows.module.css';

const MAX_NOTE = 200; // characters, as the server has it

interface PublishDialogProps {
  readonly whole: FlowWhole;
  readonly findings: readonly Finding[];
  readonly flush: () => Promise<number | null>;
  readonly close: () => void;
}

/** Says what changes for callers and what is wrong with it, before it changes. */
export function PublishDialog({ whole, findings, flush, close }: PublishDialogProps) {
  const { t } = useTranslation(['flows', 'common']);
  const client = useQueryClient();
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const errors = findings.filter((one) => one.severity === 'error').length;
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      const version = await flush();
      if (version === null) throw new Error('unsaved');
      const fresh = await call(
        api.POST('/api/flows/{flow_id}/publish', { params: { path: { flow_id: whole.id }, header: ifMatch(version) }, body: { note } }),
      );
      client.setQueryData(['flows', 'one', whole.id], fresh);
      void client.invalidateQueries({ queryKey: ['flows'] });
      toast.done(t('publish.done', { number: fresh.published ?? 0 }));
      close();
    } catch (error) {
      setProblem(errorText(error));
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={close} size="lg" title={t('publish.title', { name: whole.name })} closeButtonProps={{ 'aria-label': t('common:close') }}>
      <form className={classes.stack} onSubmit={(event) => void submit(event)}>
        <p>{t('publish.text', { count: whole.numbers.length })}</p>
        <DifferenceText difference={whole.difference} />
        {findings.length > 0 && (
          <section aria-label={t('panel.check')}>
            {errors > 0 ? <Notice tone="bad">{t('publish.errors', { count: errors })}</Notice> : <p className={classes.hint}>{t('publish.warnings')}</p>}
            <FindingList />
          </section>
        )}
        <TextInput data-autofocus label={t('publish.note')} maxLength={MAX_NOTE} autoComplete="off" value={note} onChange={(event) => setNote(event.currentTarget.value)} />
        {problem !== null && (
          <p role="alert" className={classes.problem}>
            {problem}
          </p>
        )}
        <Button type="submit" loading={busy} disabled={errors > 0}>
          {t('publish.confirm')}
        </Button>
      </form>
    </Modal>
  );
}
