import { Button, Modal, TextInput } from '@mantine/core';
import { useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import ui from '@/shared/ui/ui.module.css';

export interface Question {
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly danger?: boolean;
  /** What has to be typed before it can be confirmed, and how that is asked. */
  readonly typed?: { readonly expected: string; readonly label: string };
}

interface Open {
  readonly question: Question;
  readonly answer: (yes: boolean) => void;
}

let open: Open | null = null;
const listeners = new Set<() => void>();

function set(next: Open | null): void {
  open = next;
  for (const listener of listeners) listener();
}

/** Asks, and resolves with what the person chose. */
export function confirm(question: Question): Promise<boolean> {
  open?.answer(false);
  return new Promise((resolve) => {
    set({
      question,
      answer: (yes) => {
        set(null);
        resolve(yes);
      },
    });
  });
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export function ConfirmRegion() {
  const current = useSyncExternalStore(subscribe, () => open);
  if (current === null) return null;
  return <ConfirmDialog key={current.question.title} {...current} />;
}

function ConfirmDialog({ question, answer }: Open) {
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
