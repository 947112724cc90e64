import { Select, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { fieldText } from '@/shared/i18n/errors';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { choices, dispositionChanged, fieldsOf, labelOf, missing, narrow, noteChanged, type AskedField, type Disposition, type Draft, type Kind } from './draft';
import { keyOf } from './machine';
import { notes, useDraft } from './notes';
import { useWork } from './work';
import classes from './work.module.css';

const MAX_NOTE = 10_000;
const NONE: readonly Disposition[] = [];

interface NoteProps {
  readonly id: string;
  readonly project: string;
  /** The contact is in this person's hands. */
  readonly mine: boolean;
}

/** Note, cause and outcome. Saved while it is typed; what the project requires is named when something is missing. */
export function NotePanel({ id, project, mine }: NoteProps) {
  const { t, i18n } = useTranslation(['work', 'common']);
  const kept = useDraft(id, mine);
  const draft = kept === undefined || !mine ? kept : { ...kept, mayWrite: true };
  const box = useRef<HTMLTextAreaElement>(null);
  const causes = useRef<HTMLInputElement>(null);
  const { data: known = NONE } = useQuery({
    queryKey: ['dispositions', 'work'],
    queryFn: ({ signal }) => call(api.GET('/api/dispositions', { signal })),
    staleTime: 60_000,
  });
  useEffect(() => notes.learn(known), [known]);
  useShortcut({ keys: 'alt+n', label: t('note.go'), group: 'general', palette: true, run: () => box.current?.focus() });
  useShortcut({ keys: 'alt+o', label: t('note.goOutcome'), group: 'general', palette: true, run: () => causes.current?.focus() });
  const lacking = draft === undefined ? [] : missing(draft.typed, known, project);
  const pointed = draft?.pointed === true;
  useEffect(() => {
    // The first thing that is missing takes the caret when finishing was tried.
    if (pointed) document.querySelector<HTMLElement>(`[data-missing="true"] input`)?.focus();
  }, [pointed]);
  if (draft === undefined) return null;
  const fields = fieldsOf(draft.typed, known);
  return (
    <section className={classes.note} aria-label={t('note.label')}>
      <Textarea
        ref={box}
        label={t('note.note')}
        rows={3}
        maxLength={MAX_NOTE}
        disabled={!draft.mayWrite}
        value={draft.typed.note}
        onChange={(event) => notes.type(id, { note: event.currentTarget.value })}
        onBlur={() => void notes.flush(id)}
      />
      <div className={classes.pair}>
        <Picker ref={causes} kind="cause" {...{ id, project, draft, known }} language={i18n.language} missing={pointed && lacking.some((one) => one.what === 'cause')} />
        <Picker kind="outcome" {...{ id, project, draft, known }} language={i18n.language} missing={pointed && lacking.some((one) => one.what === 'outcome')} />
      </div>
      {fields.length > 0 && (
        <div className={classes.pair}>
          {fields.map((field) => (
            <Asked key={field.name} id={id} field={field} draft={draft} language={i18n.language} missing={pointed && lacking.some((one) => one.what === 'field' && one.field.name === field.name)} />
          ))}
        </div>
      )}
      <Foot id={id} draft={draft} lacking={pointed ? lacking.map((one) => (one.what === 'field' ? labelOf(one.field.labels, i18n.language) : t(`note.${one.what}`))) : []} />
    </section>
  );
}

interface PartProps {
  readonly id: string;
  readonly draft: Draft;
  readonly language: string;
  readonly missing: boolean;
}

interface PickerProps extends PartProps {
  readonly kind: Kind;
  readonly project: string;
  readonly known: readonly Disposition[];
  readonly ref?: React.Ref<HTMLInputElement>;
}

function Picker({ id, kind, project, draft, known, language, missing: lacks, ref }: PickerProps) {
  const { t } = useTranslation(['work', 'common']);
  const all = useMemo(() => choices(known, project, kind, language), [known, project, kind, language]);
  if (all.length === 0) return null;
  const wrong = draft.errors.find((one) => one.field === `${kind}_id`);
  return (
    <Select
      ref={ref ?? null}
      wrapperProps={{ 'data-missing': lacks }}
      label={t(`note.${kind}`)}
      placeholder={t('note.search')}
      data={[...all]}
      searchable
      selectFirstOptionOnChange
      clearable
      disabled={!draft.mayWrite}
      error={wrong === undefined ? (lacks ? t('note.needed') : undefined) : fieldText(wrong)}
      nothingFoundMessage={t('common:table.noOption')}
      clearButtonProps={{ 'aria-label': t('common:table.clear', { name: t(`note.${kind}`) }) }}
      filter={({ search }) => narrow(all, search).map((one) => ({ ...one, disabled: false }))}
      value={draft.typed[kind]}
      onChange={(value) => notes.type(id, { [kind]: value })}
    />
  );
}

const INPUT_TYPES = { text: 'text', number: 'text', date: 'date', phone: 'tel' } as const;

function Asked({ id, field, draft, language, missing: lacks }: PartProps & { readonly field: AskedField }) {
  const { t } = useTranslation('work');
  const label = labelOf(field.labels, language);
  const wrong = draft.errors.find((one) => one.field === `fields.${field.name}`);
  const common = {
    wrapperProps: { 'data-missing': lacks },
    label,
    required: field.required,
    disabled: !draft.mayWrite,
    error: wrong === undefined ? (lacks ? t('note.needed') : undefined) : fieldText(wrong),
    value: draft.typed.fields[field.name] ?? '',
  };
  const set = (value: string) => notes.type(id, { fields: { ...draft.typed.fields, [field.name]: value } });
  if (field.type === 'choice') return <Select {...common} data={field.choices ?? []} onChange={(value) => set(value ?? '')} />;
  return (
    <TextInput
      {...common}
      type={INPUT_TYPES[field.type]}
      inputMode={field.type === 'number' ? 'decimal' : undefined}
      autoComplete="off"
      onChange={(event) => set(event.currentTarget.value)}
      onBlur={() => void notes.flush(id)}
    />
  );
}

interface FootProps {
  readonly id: string;
  readonly draft: Draft;
  /** Names of what is missing. */
  readonly lacking: readonly string[];
}

function Foot({ id, draft, lacking }: FootProps) {
  const { t } = useTranslation('work');
  const model = useWork();
  const dirty = noteChanged(draft) || dispositionChanged(draft);
  const refused = model.refused.get(keyOf(id, 'finish'));
  return (
    <footer className={classes.noteFoot}>
      <span className={classes.saved} role="status">
        {draft.saving ? t('note.saving') : dirty ? t('note.kept') : t('note.saved')}
      </span>
      {draft.problem !== null && (
        <span className={classes.wrong} role="alert">
          {draft.problem}
        </span>
      )}
      {lacking.length > 0 && (
        <span className={classes.wrong} role="alert">
          {t('note.missing', { names: lacking.join(', ') })}
        </span>
      )}
      {refused !== undefined && (
        <span className={classes.wrong} role="alert">
          {refused}
        </span>
      )}
    </footer>
  );
}
