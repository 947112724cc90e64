import { TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { WorkContact } from './document';
import { keyOf, type Link } from './machine';
import { ask } from './verbs';
import { work } from './work';
import classes from './work.module.css';

interface CardFieldProps {
  readonly label: string;
  readonly value: string;
  readonly contact: WorkContact | null;
  readonly recording: WorkContact['recording'];
  readonly link: Link;
  readonly onChange: (value: string) => void;
}

const spaced = (text: string): string => text.replace(/\D/g, '').slice(0, 19).replace(/(\d{4})(?=\d)/g, '$1 ');

/**
 * While the caret is here the recording is paused; when it leaves, the recording goes on. Until the server has said that it
 * is paused the field says so, so that the client is asked to wait with the number.
 */
export function CardField({ label, value, contact, recording, link, onChange }: CardFieldProps) {
  const { t } = useTranslation('work');
  const [inside, setInside] = useState(false);
  const id = contact?.phase === 'talking' ? contact.id : null;
  const paused = useRef<string | null>(null);
  const resume = () => {
    const held = paused.current;
    paused.current = null;
    if (held !== null) void work.run(keyOf(held, 'card-end'), () => ask['resume-recording'](held, 'card'));
  };
  // The field may go from the page with the caret in it.
  useEffect(() => resume, []);
  const enter = () => {
    setInside(true);
    if (id === null) return;
    paused.current = id;
    void work.run(keyOf(id, 'card'), () => ask['pause-recording'](id, 'card'));
  };
  const leave = () => {
    setInside(false);
    resume();
  };
  const sign = recording === 'off' || id === null ? 'none' : link !== 'open' ? 'unknown' : recording === 'paused' ? 'paused' : inside ? 'waiting' : 'on';
  return (
    <div>
      <TextInput
        label={label}
        inputMode="numeric"
        autoComplete="off"
        spellCheck={false}
        maxLength={23}
        value={value}
        onFocus={enter}
        onBlur={leave}
        onChange={(event) => onChange(spaced(event.currentTarget.value))}
      />
      <p className={classes.cardSign} data-sign={sign} role="status">
        {t(`card.sign.${sign}`)}
      </p>
    </div>
  );
}
