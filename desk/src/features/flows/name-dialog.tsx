import { Button, Modal, TextInput } from '@mantine/core';
import { useState, type SyntheticEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/shared/api/problem';
import { errorText, fieldText } from '@/shared/i18n/errors';
import classes from './flows.module.css';

interface FlowNameDialogProps {
  readonly title: string;
  readonly name: string;
  readonly save: (name: string) => Promise<void>;
  readonly close: () => void;
}

export function FlowNameDialog({ title, name, save, close }: FlowNameDialogProps) {
  const { t } = useTranslation(['flows', 'common']);
  const [typed, setTyped] = useState(name);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await save(typed);
      close();
    } catch (error) {
      const [field] = error instanceof ApiError ? error.fields : [];
      setProblem(field === undefined ? errorText(error) : fieldText(field));
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ 'aria-label': t('common:close') }}>
      <form className={classes.stack} onSubmit={(event) => void submit(event)}>
        <TextInput data-autofocus label={t('field.flowName')} maxLength={120} autoComplete="off" error={problem} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
        <Button type="submit" loading={busy} disabled={typed.trim() === ''}>
          {t('common:save')}
        </Button>
      </form>
    </Modal>
  );
}
