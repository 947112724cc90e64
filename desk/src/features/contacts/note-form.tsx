import { Button, Select, TextInput, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useFormat } from '@/shared/i18n/format';
import { same } from '@/shared/form/merge';
import { useNames } from '@/shared/live/cards';
import { Notice } from '@/shared/ui/bits';
import ui from '@/shared/ui/ui.module.css';
import { choicesOf, labelOf, useDispositionNames, useDispositions, type Details, type Disposition } from './contacts';
import classes from './contacts.module.css';

const MAX_NOTE = 10_000; // characters

/** What was written down about the contact; those who may write correct it here. */
export function NoteForm({ shown }: { readonly shown: Details }) {
  return shown.may_write ? <Editable shown={shown} /> : <Written shown={shown} />;
}

function Written({ shown }: { readonly shown: Details }) {
  const { t } = useTranslation('contacts');
  const disposition = useDispositionNames();
  return (
    <>
      <p className={classes.noteText}>{shown.note || t('noNote')}</p>
      <NotedBy shown={shown} />
      <dl className={ui.facts}>
        <dt>{t('field.cause')}</dt>
        <dd>{disposition(shown.cause_id) || '—'}</dd>
        <dt>{t('field.outcome')}</dt>
        <dd>{disposition(shown.outcome_id) || '—'}</dd>
      </dl>
    </>
  );
}

function NotedBy({ shown }: { readonly shown: Details }) {
  const { t } = useTranslation('contacts');
  const format = useFormat();
  const person = useNames('employees');
  if (shown.noted_at === null) return null;
  return <p className={classes.soft}>{t(shown.note_final ? 'notedBy' : 'draftBy', { person: person(shown.note_by) || t('somebody'), at: format.dateTime(shown.noted_at) })}</p>;
}

type Fields = Readonly<Record<string, string>>;

interface Typed {
  readonly note: string;
  readonly cause: string | null;
  readonly outcome: string | null;
  readonly fields: Fields;
}

const typedOf = (shown: Details): Typed => ({ note: shown.note, cause: shown.cause_id, outcome: shown.outcome_id, fields: textsOf(shown.disposition_fields) });

/** Saves what differs from what was read, on the version that was read. */
function useSave(read: Details, typed: Typed, onSaved: (saved: Details) => void) {
  const { t } = useTranslation('common');
  const client = useQueryClient();
  const params = (version: number) => ({ path: { interaction_id: read.id }, header: ifMatch(version) });
  return useMutation({
    mutationFn: async () => {
      let saved = read;
      const { note, cause, outcome, fields } = typed;
      if (note !== read.note) saved = await call(api.PUT('/api/interactions/{interaction_id}/note', { params: params(saved.version), body: { note, final: true } }));
      const filled = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
      if (!same({ cause, outcome, fields: filled }, { cause: read.cause_id, outcome: read.outcome_id, fields: textsOf(read.disposition_fields) })) {
        saved = await call(api.PUT('/api/interactions/{interaction_id}/disposition', { params: params(saved.version), body: { cause_id: cause, outcome_id: outcome, fields: filled } }));
      }
      return saved;
    },
    onSuccess: (saved) => {
      client.setQueryData(['interactions', 'one', read.id], saved);
      onSaved(saved);
      toast.done(t('saved'));
    },
    onError: (error) => void toast.error(errorText(error)),
  });
}

function textsOf(fields: Details['disposition_fields']): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
}

function Editable({ shown }: { readonly shown: Details }) {
  const { t, i18n } = useTranslation(['contacts', 'common']);
  const { data: known = [] } = useDispositions();
  const [read, setRead] = useState(shown);
  const [typed, setTyped] = useState(() => typedOf(shown));
  const type = (change: Partial<Typed>) => setTyped({ ...typed, ...change });
  const take = (fresh: Details) => {
    setRead(fresh);
    setTyped(typedOf(fresh));
  };
  const newer = shown.version > read.version;
  // Somebody else has saved: taken at once when nothing is typed here, shown beside it otherwise.
  if (newer && same(typed, typedOf(read))) take(shown);
  const save = useSave(read, typed, take);
  const asked = known.filter((one) => one.id === typed.cause || one.id === typed.outcome).flatMap((one) => one.required_fields);
  const picker = (kind: Disposition['kind'], value: string | null, set: (id: string | null) => void) => (
    <Select
      label={t(`field.${kind}`)}
      data={choicesOf(known, kind, i18n.language, shown.project_id, value)}
      value={value}
      onChange={set}
      clearable
      searchable
      clearButtonProps={{ 'aria-label': t('common:table.clear', { name: t(`field.${kind}`) }) }}
      nothingFoundMessage={t('common:table.noOption')}
    />
  );
  return (
    <form
      className={classes.noteForm}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Textarea label={t('field.note')} autosize minRows={2} maxRows={12} maxLength={MAX_NOTE} value={typed.note} onChange={(event) => type({ note: event.currentTarget.value })} />
      <NotedBy shown={shown} />
      {newer && (
        <Notice tone="warn">
          {t('newer')} {shown.note}{' '}
          <Button variant="default" size="compact-sm" onClick={() => setRead(shown)}>
            {t('keepMine')}
          </Button>{' '}
          <Button variant="default" size="compact-sm" onClick={() => take(shown)}>
            {t('takeTheirs')}
          </Button>
        </Notice>
      )}
      <div className={ui.grid}>
        {picker('cause', typed.cause, (cause) => type({ cause }))}
        {picker('outcome', typed.outcome, (outcome) => type({ outcome }))}
        {asked.map((field) => {
          const label = labelOf(field.labels, i18n.language);
          const set = (value: string | null) => type({ fields: { ...typed.fields, [field.name]: value ?? '' } });
          return field.type === 'choice' ? (
            <Select key={field.name} label={label} required={field.required} data={[...(field.choices ?? [])]} value={typed.fields[field.name] ?? null} onChange={set} />
          ) : (
            <TextInput key={field.name} label={label} required={field.required} value={typed.fields[field.name] ?? ''} onChange={(event) => set(event.currentTarget.value)} />
          );
        })}
      </div>
      <div>
        <Button type="submit" loading={save.isPending}>
          {t('common:save')}
        </Button>
      </div>
    </form>
  );
}
