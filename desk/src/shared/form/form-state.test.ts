import { describe, expect, it } from 'vitest';
import { isDirty, newForm, reduce, type FormEvent, type FormState } from './form-state';

interface Person {
  name: string;
  team: string;
}

const loaded: Person = { name: 'Ana', team: 'A' };
const start = newForm(loaded, 1);
const after = (...events: FormEvent<Person>[]): FormState<Person> => events.reduce(reduce<Person>, start);
const type = (field: keyof Person, value: string): FormEvent<Person> => ({ type: 'set', field, value });

describe('a form', () => {
  it('is dirty only while it differs from what the server has', () => {
    expect(isDirty(after(type('name', 'Anna')))).toBe(true);
    expect(isDirty(after(type('name', 'Anna'), type('name', 'Ana')))).toBe(false);
  });

  it('drops a field error as soon as the field is changed, also for a part of the field', () => {
    const errors = [
      { field: 'name.0', code: 'x', params: {}, message: '' },
      { field: 'team', code: 'x', params: {}, message: '' },
    ];
    const state = after({ type: 'refused', errors }, type('name', 'B'));
    expect(state.errors.map((one) => one.field)).toEqual(['team']);
  });

  it('simply shows a new version while nothing was typed', () => {
    const state = after({ type: 'arrived', theirs: { name: 'Ann', team: 'B' }, version: 2 });
    expect(state).toMatchObject({ values: { name: 'Ann', team: 'B' }, version: 2, conflict: null });
    expect(isDirty(state)).toBe(false);
  });

  it('keeps what was typed when a new version arrives, and takes the rest', () => {
    const state = after(type('name', 'Anna'), { type: 'arrived', theirs: { name: 'Ana', team: 'B' }, version: 2 });
    expect(state).toMatchObject({ values: { name: 'Anna', team: 'B' }, taken: ['team'], conflict: null, version: 2 });
  });

  it('asks when both changed the same field, and loses neither until the person has chosen', () => {
    const state = after(type('name', 'Anna'), { type: 'arrived', theirs: { name: 'Ann', team: 'A' }, version: 2 });
    expect(state.values.name).toBe('Anna');
    expect(state.conflict).toEqual({ theirs: { name: 'Ann', team: 'A' }, fields: ['name'] });
    expect(reduce(state, { type: 'resolve', field: 'name', use: 'mine' })).toMatchObject({ values: { name: 'Anna' }, conflict: null });
    expect(reduce(state, { type: 'resolve', field: 'name', use: 'theirs' })).toMatchObject({ values: { name: 'Ann' }, conflict: null });
  });

  it('does not lose what is typed while a save is on its way', () => {
    const state = after(type('name', 'Anna'), type('team', 'C'), { type: 'saved', values: { name: 'Anna', team: 'A' }, version: 2 });
    expect(state.values).toEqual({ name: 'Anna', team: 'C' });
    expect(isDirty(state)).toBe(true);
  });

  it('is clean after a save', () => {
    const state = after(type('name', 'Anna'), { type: 'saved', values: { name: 'Anna', team: 'A' }, version: 2 });
    expect(isDirty(state)).toBe(false);
    expect(state.version).toBe(2);
  });
});
