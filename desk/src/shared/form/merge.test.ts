import { describe, expect, it } from 'vitest';
import { changes, merge, same } from './merge';

const base = { name: 'Ana', team: 'A', roles: ['operator'] };

describe('two people change one thing', () => {
  it('takes what only the other changed and keeps what only I changed', () => {
    const result = merge(base, { ...base, name: 'Anna' }, { ...base, team: 'B' });
    expect(result).toEqual({ values: { name: 'Anna', team: 'B', roles: ['operator'] }, taken: ['team'], conflicts: [] });
  });

  it('keeps mine and reports it when both changed the same field', () => {
    const result = merge(base, { ...base, name: 'Anna' }, { ...base, name: 'Ann' });
    expect(result.values.name).toBe('Anna');
    expect(result.conflicts).toEqual(['name']);
  });

  it('sees no conflict when both wrote the same', () => {
    expect(merge(base, { ...base, name: 'Anna' }, { ...base, name: 'Anna' }).conflicts).toEqual([]);
  });

  it('compares lists by what is in them', () => {
    expect(merge(base, base, { ...base, roles: ['operator'] }).taken).toEqual([]);
    expect(merge(base, base, { ...base, roles: ['senior'] }).taken).toEqual(['roles']);
  });
});

it('sends only what was changed', () => {
  expect(changes(base, { ...base, roles: ['operator'], team: 'B' })).toEqual({ team: 'B' });
});

it('tells an empty list from an object and null from nothing', () => {
  expect(same([], {})).toBe(false);
  expect(same(null, undefined)).toBe(false);
  expect(same({ a: 1 }, { a: 1, b: undefined })).toBe(false);
});
