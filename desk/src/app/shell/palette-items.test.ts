import { expect, it } from 'vitest';
import { matches } from './palette-items';

it.each([
  ['Client companies', 'comp', true],
  ['Client companies', 'cl co', true],
  ['Client companies', 'panies', false],
  ['Sărbători și excepții', 'sarb exc', true],
  ['Журнал действий', 'журн', true],
  ['Employees', '', true],
  ['Employees', 'teams', false],
])('%j is found by %j: %j', (label, typed, found) => {
  expect(matches({ label }, typed)).toBe(found);
});
