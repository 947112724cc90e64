import { Button, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import ui from '@/shared/ui/ui.module.css';
import type { Asked } from './confirm';

export function ConfirmDialog({ question, answer }: Asked) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const ready = question.typed === undefined || typed.trim() === question.typed.expected;
  return (
    <Modal opened onClose={() => answer(false)} title={question.title} role="alertdialog" closeButtonProps={{ 'aria-label': t('close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) answer(true);
        }}
      >
        <p className={ui.dialogText}>{question.text}</p>
        {question.typed !== undefined && (
          <TextInput
            data-autofocus
            label={question.typed.label}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
          />
        )}
        <div className={ui.dialogButtons}>
          <Button variant="default" onClick={() => answer(false)}>
            {t('cancel')}
          </Button>
          <Button
            type="submit"
            color={question.danger === true ? 'red' : 'blue'}
            disabled={!ready}
            data-autofocus={question.typed === undefined ? true : undefined}
          >
            {question.confirm}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
