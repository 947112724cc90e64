/** A form without a page: what was loaded, what was typed, what the server said about it. */
import type { FieldProblem } from '@/shared/api/problem';
import { merge, same, type Values } from './merge';

export interface Conflict<V extends Values> {
  readonly theirs: V;
  readonly fields: readonly (keyof V & string)[];
}

export interface FormState<V extends Values> {
  /** What the server has. */
  readonly base: V;
  readonly version: number | null;
  readonly values: V;
  readonly errors: readonly FieldProblem[];
  readonly conflict: Conflict<V> | null;
  /** Fields that came from the other person's version. */
  readonly taken: readonly (keyof V & string)[];
}

export type FormEvent<V extends Values> =
  | { readonly type: 'set'; readonly field: keyof V & string; readonly value: unknown }
  | { readonly type: 'refused'; readonly errors: readonly FieldProblem[] }
  /** The server has another version: after a refused save, or told by the live feed. */
  | { readonly type: 'arrived'; readonly theirs: V; readonly version: number | null }
  | { readonly type: 'resolve'; readonly field: keyof V & string; readonly use: 'mine' | 'theirs' }
  | { readonly type: 'saved'; readonly values: V; readonly version: number | null }
  | { readonly type: 'reset' };

export function newForm<V extends Values>(values: V, version: number | null): FormState<V> {
  return { base: values, version, values, errors: [], conflict: null, taken: [] };
}

export const isDirty = <V extends Values>(state: FormState<V>): boolean => !same(state.base, state.values);

/** `skills.0.level` is an error of `skills`. */
export const belongsTo = (problem: FieldProblem, field: string): boolean =>
  problem.field === field || problem.field.startsWith(`${field}.`);

export function reduce<V extends Values>(state: FormState<V>, event: FormEvent<V>): FormState<V> {
  switch (event.type) {
    case 'set':
      return {
        ...state,
        values: { ...state.values, [event.field]: event.value },
        errors: state.errors.filter((one) => !belongsTo(one, event.field)),
      };
    case 'refused':
      return { ...state, errors: event.errors };
    case 'arrived':
      return arrived(state, event.theirs, event.version);
    case 'resolve':
      return resolve(state, event.field, event.use);
    case 'saved': {
      // What was typed while the request was on its way is kept.
      const typed = merge(state.base, state.values, event.values);
      const values = isDirty(state) ? typed.values : event.values;
      return { ...newForm(event.values, event.version), values };
    }
    case 'reset':
      return newForm(state.base, state.version);
  }
}

function arrived<V extends Values>(state: FormState<V>, theirs: V, version: number | null): FormState<V> {
  if (version === state.version && same(theirs, state.base)) return state;
  if (!isDirty(state)) return { ...newForm(theirs, version), errors: state.errors };
  const merged = merge(state.base, state.values, theirs);
  return {
    ...state,
    base: theirs,
    version,
    values: merged.values,
    taken: merged.taken,
    conflict: merged.conflicts.length > 0 ? { theirs, fields: merged.conflicts } : null,
  };
}

function resolve<V extends Values>(state: FormState<V>, field: keyof V & string, use: 'mine' | 'theirs'): FormState<V> {
  if (state.conflict === null) return state;
  const fields = state.conflict.fields.filter((one) => one !== field);
  return {
    ...state,
    values: use === 'theirs' ? { ...state.values, [field]: state.conflict.theirs[field] } : state.values,
    conflict: fields.length > 0 ? { ...state.conflict, fields } : null,
  };
}
