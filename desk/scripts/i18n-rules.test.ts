import { expect, it } from 'vitest';
import { compare, flatten, unused } from './i18n-rules.mjs';

const ru = { rows_one: '{{count}} строка', rows_few: '{{count}} строки', rows_many: '{{count}} строк', rows_other: '{{count}} строки' };
const ro = { rows_one: '{{count}} rând', rows_few: '{{count}} rânduri', rows_other: '{{count}} de rânduri' };
const en = { rows_one: '{{count}} row', rows_other: '{{count}} rows' };

it('accepts what each language needs', () => {
  expect(compare('x', { en, ru, ro })).toEqual([]);
});

it('finds a missing key', () => {
  expect(compare('x', { en: { a: 'A' }, ru: {}, ro: { a: 'A' } })).toEqual(['x:a (ru): missing']);
});

it('finds a missing plural form of Russian and of Romanian', () => {
  const without = (texts: Record<string, string>, key: string) => Object.fromEntries(Object.entries(texts).filter(([name]) => name !== key));
  const poorRu = without(ru, 'rows_many');
  const poorRo = without(ro, 'rows_few');
  expect(compare('x', { en, ru: poorRu, ro: poorRo })).toEqual([
    'x:rows (ru): plural form "many" missing',
    'x:rows (ro): plural form "few" missing',
  ]);
});

it('finds a form that the language does not have', () => {
  expect(compare('x', { en: { ...en, rows_few: 'x' }, ru, ro })).toContain('x:rows (en): plural form "few" does not exist in this language');
});

it('finds placeholders that differ, but lets a form say the number in words', () => {
  const own = { en: { a: 'Hello {{name}}' }, ru: { a: 'Привет' }, ro: { a: 'Salut {{name}}' } };
  expect(compare('x', own)).toEqual(['x:a (ru): placeholders differ from en']);
  expect(compare('x', { en, ru, ro: { ...ro, rows_one: 'un rând' } })).toEqual([]);
});

it('finds Romanian written with cedillas', () => {
  expect(compare('x', { en: { a: 'a' }, ru: { a: 'а' }, ro: { a: 'ştergere' } })).toEqual(['x:a (ro): cedilla instead of comma below']);
});

it('finds keys that no source names, and knows keys that are put together', () => {
  const flat = flatten({ used: 'x', dead: 'x', state: { on: 'x', off: 'x' }, rows_one: 'x', rows_other: 'x' });
  expect(unused('x', flat, "t('used'); t(`state.${name}`); t('rows', { count })")).toEqual(['x:dead: not used']);
});
