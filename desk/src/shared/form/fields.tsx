import { ActionIcon, MultiSelect, PasswordInput, Select, Switch, TextInput } from '@mantine/core';
import { IconCalendar } from '@tabler/icons-react';
import { useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { parseDate, parseTime } from './dates';
import type { Values } from './merge';
import type { FormApi } from './use-form';
import classes from './form.module.css';

export interface FieldOption {
  readonly value: string;
  readonly label: string;
}

/** Names of the fields whose values can be T. */
type FieldOf<V, T> = { [K in keyof V & string]: V[K] extends T ? K : never }[keyof V & string];

interface FieldProps<V extends Values, T> {
  readonly form: FormApi<V>;
  readonly name: FieldOf<V, T>;
  readonly label: string;
  readonly description?: string;
  readonly required?: boolean;
}

function common<V extends Values, T>({ form, name, label, description, required }: FieldProps<V, T>) {
  return {
    name: name as string,
    label,
    description,
    required: required === true,
    withAsterisk: required === true,
    error: form.error(name),
    disabled: form.readOnly,
  };
}

interface TextProps<V extends Values> extends FieldProps<V, string | null> {
  readonly autoComplete?: string;
  readonly placeholder?: string;
  /** On a new object the typing starts here. */
  readonly focusFirst?: boolean;
  readonly type?: 'text' | 'email' | 'tel';
  readonly rightSection?: ReactNode;
}

export function TextField<V extends Values>(props: TextProps<V>) {
  const { form, name, autoComplete = 'off', placeholder, focusFirst = false, type = 'text', rightSection } = props;
  return (
    <TextInput
      {...common(props)}
      type={type}
      autoComplete={autoComplete}
      placeholder={placeholder}
      data-autofocus={focusFirst || undefined}
      // A form that somebody has just asked for is there to be typed into.
      // eslint-disable-next-line jsx-a11y/no-autofocus
      autoFocus={focusFirst}
      rightSection={rightSection}
      value={(form.values[name] as string | null) ?? ''}
      onChange={(event) => form.set(name, event.currentTarget.value as V[typeof name])}
    />
  );
}

export function PasswordField<V extends Values>(props: FieldProps<V, string> & { readonly autoComplete: string }) {
  const { t } = useTranslation();
  const { form, name, autoComplete } = props;
  return (
    <PasswordInput
      {...common(props)}
      autoComplete={autoComplete}
      visibilityToggleButtonProps={{ 'aria-label': t('form.showPassword'), tabIndex: 0 }}
      value={form.values[name] as string}
      onChange={(event) => form.set(name, event.currentTarget.value as V[typeof name])}
    />
  );
}

interface SelectProps<V extends Values> extends FieldProps<V, string | null> {
  readonly options: readonly FieldOption[];
  readonly clearable?: boolean;
  readonly placeholder?: string;
}

const MAX_OPTIONS = 100; // rendered at once; typing narrows the rest

export function SelectField<V extends Values>(props: SelectProps<V>) {
  const { t } = useTranslation();
  const { form, name, options, clearable = false, placeholder } = props;
  return (
    <Select
      {...common(props)}
      data={[...options]}
      placeholder={placeholder}
      clearable={clearable && !form.readOnly}
      allowDeselect={false}
      searchable={options.length > 8}
      limit={MAX_OPTIONS}
      clearButtonProps={{ 'aria-label': t('table.clear', { name: props.label }) }}
      nothingFoundMessage={t('table.noOption')}
      value={form.values[name] as string | null}
      onChange={(value) => form.set(name, value as V[typeof name])}
    />
  );
}

interface MultiProps<V extends Values> extends FieldProps<V, string[]> {
  readonly options: readonly FieldOption[];
  /** Seen, but not changed by this person. */
  readonly readOnly?: boolean;
}

export function MultiField<V extends Values>(props: MultiProps<V>) {
  const { t } = useTranslation();
  const { form, name, options, readOnly = false } = props;
  return (
    <MultiSelect
      {...common(props)}
      disabled={form.readOnly || readOnly}
      data={[...options]}
      searchable
      hidePickedOptions
      limit={MAX_OPTIONS}
      clearButtonProps={{ 'aria-label': t('table.clear', { name: props.label }) }}
      nothingFoundMessage={t('table.noOption')}
      value={[...(form.values[name] as string[])]}
      onChange={(value) => form.set(name, value as V[typeof name])}
    />
  );
}

export function SwitchField<V extends Values>(props: FieldProps<V, boolean>) {
  const { form, name, label, description } = props;
  return (
    <Switch
      name={name}
      label={label}
      description={description}
      disabled={form.readOnly}
      error={form.error(name)}
      checked={form.values[name] as boolean}
      onChange={(event) => form.set(name, event.currentTarget.checked as V[typeof name])}
    />
  );
}

interface DateInputProps {
  readonly name?: string;
  readonly label: string;
  readonly hideLabel?: boolean;
  readonly placeholder?: string;
  readonly description?: string | undefined;
  readonly value: string | null;
  readonly onChange: (iso: string | null) => void;
  readonly error?: string | null;
  readonly disabled?: boolean;
}

/** A date as the person's language writes it; the button opens the browser's own calendar. */
export function DateInput({ name, label, hideLabel = false, placeholder, description, value, onChange, error = null, disabled = false }: DateInputProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const picker = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? (value === null ? '' : format.date(value));
  const wrong = typed !== null && typed.trim() !== '' && parseDate(typed, new Date()) === null;
  const take = () => {
    if (typed === null) return;
    if (typed.trim() === '') onChange(null);
    const iso = parseDate(typed, new Date());
    if (iso !== null) onChange(iso);
    if (iso !== null || typed.trim() === '') setTyped(null);
  };
  return (
    <div className={classes.dateRow}>
      <TextInput
        {...(name === undefined ? {} : { name })}
        {...(hideLabel ? { 'aria-label': label } : { label })}
        description={description}
        placeholder={placeholder ?? format.date('2026-12-31')}
        inputMode="numeric"
        autoComplete="off"
        disabled={disabled}
        error={wrong ? t('form.notADate') : error}
        value={shown}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === 'Enter') take();
        }}
        rightSection={
          <ActionIcon variant="subtle" color="gray" size="sm" disabled={disabled} aria-label={t('form.calendar', { name: label })} onClick={() => picker.current?.showPicker()}>
            <IconCalendar size={15} aria-hidden />
          </ActionIcon>
        }
      />
      <input
        ref={picker}
        className={classes.picker}
        type="date"
        tabIndex={-1}
        aria-hidden
        value={value ?? ''}
        onChange={(event) => {
          setTyped(null);
          onChange(event.currentTarget.value || null);
        }}
      />
    </div>
  );
}

export function DateField<V extends Values>(props: FieldProps<V, string | null>) {
  const { form, name, label, description } = props;
  return (
    <DateInput
      name={name}
      label={label}
      description={description}
      value={form.values[name] as string | null}
      onChange={(iso) => form.set(name, iso as V[typeof name])}
      error={form.error(name)}
      disabled={form.readOnly}
    />
  );
}

interface TimeInputProps {
  readonly label: string;
  readonly value: string;
  readonly end?: boolean;
  readonly disabled?: boolean;
  readonly onChange: (value: string) => void;
}

/** `9`, `930` and `9:30` are all understood. */
export function TimeInput({ label, value, end = false, disabled = false, onChange }: TimeInputProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const wrong = typed !== null && parseTime(typed, end) === null;
  const take = () => {
    const time = typed === null ? null : parseTime(typed, end);
    if (time !== null) {
      onChange(time);
      setTyped(null);
    }
  };
  return (
    <TextInput
      aria-label={label}
      w={72}
      inputMode="numeric"
      autoComplete="off"
      placeholder="09:00"
      disabled={disabled}
      error={wrong}
      value={typed ?? value}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === 'Enter') take();
      }}
    />
  );
}
