import { Textarea } from '@mantine/core';
import type { Values } from './merge';
import type { FormApi } from './use-form';

interface NoteFieldProps<V extends Values> {
  readonly form: FormApi<V>;
  readonly name: { [K in keyof V & string]: V[K] extends string ? K : never }[keyof V & string];
  readonly label: string;
}

const MAX_NOTE = 2000; // characters, as the server has it

export function NoteField<V extends Values>({ form, name, label }: NoteFieldProps<V>) {
  return (
    <Textarea
      name={name}
      label={label}
      rows={3}
      maxLength={MAX_NOTE}
      error={form.error(name)}
      disabled={form.readOnly}
      value={form.values[name] as string}
      onChange={(event) => form.set(name, event.currentTarget.value as V[typeof name])}
    />
  );
}
