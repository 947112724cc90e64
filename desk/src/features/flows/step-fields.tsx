import { Select, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Option } from '@/shared/table/types';
import { useEditor } from './editor-context';
import type { Step } from './flow';

/** Changes a field of a step; the keys of `V` are the step's own. */
export function useSet<S extends Step>(step: S): <F extends keyof S & string>(field: F, value: S[F], exits?: ReadonlyMap<string, string>) => void {
  const { dispatch } = useEditor();
  return (field, value, exits) => dispatch({ type: 'set', id: step.id, field, value, exits });
}

interface NumberBoxProps {
  readonly label: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly whole?: boolean;
  readonly description?: string;
  readonly onChange: (value: number) => void;
}

/** A number between two others. What is none stays as it was typed, with a word about it, and is not taken. */
export function NumberBox({ label, value, least, most, whole = true, description, onChange }: NumberBoxProps) {
  const { t } = useTranslation('flows');
  const { readOnly } = useEditor();
  const [typed, setTyped] = useState<string | null>(null);
  const read = (text: string): number | null => {
    const number = Number(text.trim().replace(',', '.'));
    return text.trim() !== '' && number >= least && number <= most && (!whole || Number.isInteger(number)) ? number : null;
  };
  const wrong = typed !== null && read(typed) === null;
  return (
    <TextInput
      label={label}
      description={description}
      inputMode={whole ? 'numeric' : 'decimal'}
      autoComplete="off"
      disabled={readOnly}
      error={wrong ? t('field.between', { least, most }) : null}
      value={typed ?? String(value)}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        const number = read(event.currentTarget.value);
        if (number !== null) onChange(number);
      }}
      onBlur={() => {
        if (!wrong) setTyped(null);
      }}
    />
  );
}

interface VariableBoxProps {
  readonly label: string;
  readonly hideLabel?: boolean;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

const VARIABLE = /^[a-z][a-z0-9_]{0,39}$/;

/** The name of a variable, as the server takes it. */
export function VariableBox({ label, hideLabel = false, value, onChange }: VariableBoxProps) {
  const { t } = useTranslation('flows');
  const { readOnly } = useEditor();
  const [typed, setTyped] = useState<string | null>(null);
  const wrong = typed !== null && !VARIABLE.test(typed);
  return (
    <TextInput
      {...(hideLabel ? { 'aria-label': label } : { label })}
      autoComplete="off"
      spellCheck={false}
      list={VARIABLES_ID}
      disabled={readOnly}
      error={wrong ? t('field.variableWrong') : null}
      value={typed ?? value}
      onChange={(event) => {
        const name = event.currentTarget.value.toLowerCase();
        setTyped(name);
        if (VARIABLE.test(name)) onChange(name);
      }}
      onBlur={() => {
        if (!wrong) setTyped(null);
      }}
    />
  );
}

export const VARIABLES_ID = 'flow-variables';

interface ChoiceProps<V extends string> {
  readonly label: string;
  readonly hideLabel?: boolean;
  readonly description?: string;
  readonly value: V;
  readonly options: readonly { readonly value: V; readonly label: string }[];
  readonly onChange: (value: V) => void;
}

export function Choice<V extends string>({ label, hideLabel = false, description, value, options, onChange }: ChoiceProps<V>) {
  const { readOnly } = useEditor();
  return (
    <Select
      {...(hideLabel ? { 'aria-label': label } : { label })}
      description={description}
      data={[...options]}
      allowDeselect={false}
      disabled={readOnly}
      value={value}
      onChange={(next) => {
        const found = options.find((one) => one.value === next);
        if (found !== undefined) onChange(found.value);
      }}
    />
  );
}

interface PickProps {
  readonly label: string;
  readonly hideLabel?: boolean;
  readonly description?: string;
  readonly value: string | null;
  readonly options: readonly Option[];
  readonly onChange: (value: string | null) => void;
}

const MAX_OPTIONS = 100; // rendered at once; typing narrows the rest

/** One of many things by name, or none yet. */
export function Pick({ label, hideLabel = false, description, value, options, onChange }: PickProps) {
  const { t } = useTranslation(['flows', 'common']);
  const { readOnly } = useEditor();
  const known = value === null || options.some((one) => one.value === value);
  const data = known ? [...options] : [...options, { value, label: t('step.unknown') }];
  return (
    <Select
      {...(hideLabel ? { 'aria-label': label } : { label })}
      description={description}
      data={data}
      placeholder={t('step.notChosen')}
      searchable
      clearable={!readOnly}
      limit={MAX_OPTIONS}
      disabled={readOnly}
      clearButtonProps={{ 'aria-label': t('common:table.clear', { name: label }) }}
      nothingFoundMessage={t('common:table.noOption')}
      value={value}
      onChange={onChange}
    />
  );
}

interface ToggleProps {
  readonly label: string;
  readonly description?: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function Toggle({ label, description, checked, onChange }: ToggleProps) {
  const { readOnly } = useEditor();
  return <Switch label={label} description={description} disabled={readOnly} checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />;
}

interface LineProps {
  readonly label: string;
  readonly hideLabel?: boolean;
  readonly description?: string;
  readonly placeholder?: string;
  readonly value: string;
  readonly most: number;
  readonly onChange: (value: string) => void;
}

export function Line({ label, hideLabel = false, description, placeholder, value, most, onChange }: LineProps) {
  const { readOnly } = useEditor();
  return (
    <TextInput
      {...(hideLabel ? { 'aria-label': label } : { label })}
      description={description}
      placeholder={placeholder}
      autoComplete="off"
      maxLength={most}
      disabled={readOnly}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
