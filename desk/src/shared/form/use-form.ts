import { useBlocker } from '@tanstack/react-router';
import { useCallback, useEffect, useId, useReducer, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/shared/api/problem';
import { confirm } from '@/shared/feedback/confirm';
import { errorText, fieldText } from '@/shared/i18n/errors';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { readDraft, writeDraft } from './drafts';
import { belongsTo, isDirty, newForm, reduce, type FormEvent, type FormState } from './form-state';
import { changes, type Values } from './merge';

export interface Saved<V extends Values> {
  /** Of what was just made. */
  readonly id?: string;
  readonly values: V;
  readonly version: number | null;
}

export interface FormOptions<V extends Values> {
  /** Names the draft: `employee.<id>`, `employee.new`. */
  readonly name: string;
  readonly initial: V;
  /** null for something that does not exist yet. */
  readonly version: number | null;
  readonly save: (change: Partial<V>, all: V, version: number | null) => Promise<Saved<V>>;
  /** Asked before saving, when a change has consequences; false: nothing is saved, and what was typed stays. */
  readonly agree?: (change: Partial<V>, all: V) => Promise<boolean>;
  /** Turns the server's current object (in a 412 answer) into this form's values. */
  readonly read?: (current: Record<string, unknown>) => Saved<V>;
  readonly onSaved?: (saved: Saved<V>) => void;
  readonly readOnly?: boolean;
  /** Fields that are never written to a draft: passwords. */
  readonly secret?: boolean;
}

export interface FormApi<V extends Values> {
  readonly state: FormState<V>;
  readonly values: V;
  readonly dirty: boolean;
  readonly saving: boolean;
  readonly readOnly: boolean;
  /** The error that belongs to no field. */
  readonly problem: string | null;
  /** When what stands here was typed, if it comes from a draft. */
  readonly restoredAt: string | null;
  readonly set: <K extends keyof V & string>(field: K, value: V[K]) => void;
  readonly error: (field: keyof V & string) => string | null;
  readonly submit: () => Promise<void>;
  readonly reset: () => void;
  readonly resolve: (field: keyof V & string, use: 'mine' | 'theirs') => void;
  /** Of the form element, so that its first wrong field can be focused. */
  readonly id: string;
}

type Reducer<V extends Values> = (state: FormState<V>, event: FormEvent<V>) => FormState<V>;

function begin<V extends Values>({ name, initial, version, secret }: FormOptions<V>): { form: FormState<V>; restoredAt: string | null } {
  const draft = secret === true ? null : readDraft<V>(name);
  if (draft === null) return { form: newForm(initial, version), restoredAt: null };
  const typed: FormState<V> = { ...newForm(draft.base, draft.version), values: { ...draft.base, ...draft.values } };
  const form = reduce(typed, { type: 'arrived', theirs: initial, version });
  return { form, restoredAt: isDirty(form) ? draft.at : null };
}

export function useForm<V extends Values>(options: FormOptions<V>): FormApi<V> {
  const { t } = useTranslation();
  const { name, initial, version, readOnly = false, secret = false } = options;
  const [start] = useState(() => begin(options));
  const [state, dispatch] = useReducer<FormState<V>, [FormEvent<V>]>(reduce as Reducer<V>, start.form);
  const [restoredAt, setRestoredAt] = useState(start.restoredAt);
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const id = useId();
  const latest = useRef({ state, options });
  const leaving = useRef(false);
  const dirty = isDirty(state);
  useEffect(() => {
    latest.current = { state, options };
  });

  // A newer version came by the live feed. `initial` is compared by version, so a mere re-render changes nothing.
  const arrivedVersion = useRef(version);
  useEffect(() => {
    if (version === arrivedVersion.current) return;
    arrivedVersion.current = version;
    const current = latest.current.state.version;
    if (version !== null && current !== null && version <= current) return;
    dispatch({ type: 'arrived', theirs: initial, version });
  }, [version, initial]);

  useEffect(() => {
    if (secret || readOnly) return;
    writeDraft(name, dirty ? { values: state.values, base: state.base, version: state.version, at: new Date().toISOString() } : null);
  }, [name, dirty, state, secret, readOnly]);

  useBlocker({
    shouldBlockFn: async () => {
      if (!isDirty(latest.current.state) || leaving.current) return false;
      const leave = await confirm({ title: t('form.leaveTitle'), text: t('form.leaveText'), confirm: t('form.leave'), danger: true });
      if (leave) writeDraft(name, null);
      return !leave;
    },
    enableBeforeUnload: () => dirty && secret,
    disabled: !dirty,
  });

  const submit = useCallback(async () => {
    const { state: now, options: current } = latest.current;
    if (current.readOnly === true || now.conflict !== null) return;
    setProblem(null);
    setSaving(true);
    try {
      const change = changes(now.base, now.values);
      if ((await current.agree?.(change, now.values)) === false) return;
      const saved = await current.save(change, now.values, now.version);
      writeDraft(current.name, null);
      dispatch({ type: 'saved', values: saved.values, version: saved.version });
      setRestoredAt(null);
      leaving.current = true;
      current.onSaved?.(saved);
    } catch (error) {
      if (error instanceof ApiError && error.status === 412 && current.read !== undefined && isRecord(error.body.current)) {
        const fresh = current.read(error.body.current);
        dispatch({ type: 'arrived', theirs: fresh.values, version: fresh.version });
        setProblem(t('form.stale'));
      } else if (error instanceof ApiError && error.fields.length > 0) {
        dispatch({ type: 'refused', errors: error.fields });
        const known = error.fields.filter((one) => Object.keys(now.values).some((field) => belongsTo(one, field)));
        const rest = error.fields.filter((one) => !known.includes(one));
        setProblem(rest.length > 0 ? rest.map((one) => `${one.field}: ${fieldText(one)}`).join(' ') : t('form.fields', { count: known.length }));
        focusField(id, known[0]?.field.split('.')[0]);
      } else setProblem(errorText(error));
    } finally {
      setSaving(false);
    }
  }, [t, id]);

  const run = () => void submit();
  useShortcut(readOnly ? null : { keys: 'mod+s', label: t('shortcut.save'), group: 'form', run });
  useShortcut(readOnly ? null : { keys: 'mod+enter', label: t('shortcut.save'), group: 'form', run });

  return {
    state,
    values: state.values,
    dirty,
    saving,
    readOnly,
    problem,
    restoredAt,
    set: (field, value) => {
      leaving.current = false;
      dispatch({ type: 'set', field, value });
    },
    error: (field) => {
      const found = state.errors.find((one) => belongsTo(one, field));
      return found === undefined ? null : fieldText(found);
    },
    submit,
    reset: () => {
      writeDraft(name, null);
      setRestoredAt(null);
      setProblem(null);
      dispatch({ type: 'reset' });
    },
    resolve: (field, use) => dispatch({ type: 'resolve', field, use }),
    id,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function focusField(formId: string, field: string | undefined): void {
  if (field === undefined) return;
  // After React has shown the errors.
  const places = [`[name="${field}"]`, `[data-field="${field}"] input`, `[data-field="${field}"] button`];
  requestAnimationFrame(() => document.getElementById(formId)?.querySelector<HTMLElement>(places.join())?.focus());
}
