import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useNames } from '@/shared/live/cards';
import { useCan, useSession } from '@/shared/session/session';
import { clock } from '@/shared/ui/elapsed';
import type { Mark, Recording } from './contacts';
import classes from './contacts.module.css';

interface MarksProps {
  readonly recording: Recording;
  readonly at: number;
  readonly seek: (ms: number) => void;
}

const MAX_TEXT = 500; // characters

/** What people marked, and where the recording paused; each leads to its moment. */
export function Marks({ recording, at, seek }: MarksProps) {
  const { t } = useTranslation('contacts');
  const client = useQueryClient();
  const [text, setText] = useState('');
  const done = () => client.invalidateQueries({ queryKey: ['interactions', 'one', recording.interaction_id] });
  const onError = (error: unknown) => void toast.error(errorText(error));
  const path = { recording_id: recording.id };
  const add = useMutation({
    mutationFn: () => call(api.POST('/api/recordings/{recording_id}/marks', { params: { path }, body: { at_ms: Math.round(at), text: text.trim() } })),
    onSuccess: () => {
      setText('');
      return done();
    },
    onError,
  });
  const remove = useMutation({
    mutationFn: (mark_id: string) => call(api.DELETE('/api/recordings/{recording_id}/marks/{mark_id}', { params: { path: { ...path, mark_id } } })),
    onSuccess: done,
    onError,
  });
  const shown = recording.marks.filter((mark) => mark.kind !== 'other');
  return (
    <>
      {shown.length > 0 && (
        <ul className={classes.marks} aria-label={t('marks')}>
          {shown.map((mark) => (
            <MarkLine key={`${mark.id ?? mark.kind}${mark.at_ms}`} mark={mark} seek={seek} remove={(id) => remove.mutate(id)} />
          ))}
        </ul>
      )}
      <form
        className={classes.addMark}
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== '') add.mutate();
        }}
      >
        <TextInput aria-label={t('mark.text')} placeholder={t('mark.at', { at: clock(at) })} maxLength={MAX_TEXT} value={text} onChange={(event) => setText(event.currentTarget.value)} />
        <Button type="submit" variant="default" disabled={text.trim() === ''} loading={add.isPending}>
          {t('mark.add')}
        </Button>
      </form>
    </>
  );
}

interface LineProps {
  readonly mark: Mark;
  readonly seek: (ms: number) => void;
  readonly remove: (id: string) => void;
}

function MarkLine({ mark, seek, remove }: LineProps) {
  const { t } = useTranslation('contacts');
  const can = useCan();
  const me = useSession().person.id;
  const person = useNames('employees');
  const id = mark.id;
  const words = mark.kind === 'pause' ? t('mark.pause') : mark.kind === 'resume' ? t('mark.resume') : mark.text;
  return (
    <li data-kind={mark.kind}>
      <button type="button" className={classes.moment} onClick={() => seek(mark.at_ms)}>
        {clock(mark.at_ms)}
      </button>
      <span>{words}</span>
      {mark.made_by !== null && <span className={classes.soft}>{person(mark.made_by)}</span>}
      {id !== null && (mark.made_by === me || can('interactions.write')) && (
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('mark.remove', { text: mark.text })} onClick={() => remove(id)}>
          <IconX size={14} aria-hidden />
        </ActionIcon>
      )}
    </li>
  );
}
