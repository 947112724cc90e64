import { expect, it } from 'vitest';
import { addMembers, differs, matches, moveMember, type Member } from './member-list';

const compare = (a: string, b: string) => a.localeCompare(b);
const ana: Member = { person_id: 'a', name: 'Ana Țurcanu', rank: 1 };
const ion: Member = { person_id: 'i', name: 'Ion Rusu', rank: 0 };

it('adds people as serving their own queue, and nobody twice', () => {
  const list = addMembers([ion, ana], [{ id: 'a', name: 'Ana Țurcanu' }, { id: 'b', name: 'Bogdan Lupu' }], compare);
  expect(list.map((one) => [one.person_id, one.rank])).toEqual([['b', 0], ['i', 0], ['a', 1]]);
});

it('keeps the order of asking when somebody moves, within the ranks that there are', () => {
  expect(moveMember([ion, ana], 'i', 2, compare).map((one) => one.person_id)).toEqual(['a', 'i']);
  expect(moveMember([ion, ana], 'a', -3, compare).map((one) => [one.person_id, one.rank])).toEqual([['a', 0], ['i', 0]]);
  expect(moveMember([ion, ana], 'a', 99, compare).at(-1)?.rank).toBe(9);
});

it('knows whether there is something to save, whatever the order', () => {
  expect(differs([ion, ana], [ana, ion])).toBe(false);
  expect(differs([ion, ana], [ion])).toBe(true);
  expect(differs([ion, ana], [{ ...ion, rank: 3 }, ana])).toBe(true);
});

it('finds names without their diacritics', () => {
  expect(matches(ana, 'turc an')).toBe(true);
  expect(matches(ion, 'turc')).toBe(false);
  expect(matches(ion, '')).toBe(true);
});
