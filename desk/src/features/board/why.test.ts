import i18next from 'i18next';
import { describe, expect, it } from 'vitest';
import en from './i18n/en.json';
import ro from './i18n/ro.json';
import ru from './i18n/ru.json';
import { CODES, sentence, type Reason, type Say, type Words } from './why';

const words: Words = {
  operator: (id) => `operator ${id}`,
  queue: (id) => `queue ${id}`,
  skill: (id) => `skill ${id}`,
  language: (code) => `language ${code}`,
  breakReason: (id) => `break ${id}`,
  time: () => '14:32',
  duration: (seconds) => `${seconds} s`,
};

async function speaker(language: 'en' | 'ru' | 'ro'): Promise<Say> {
  const one = i18next.createInstance();
  await one.init({ lng: language, resources: { en: { board: en }, ru: { board: ru }, ro: { board: ro } }, defaultNS: 'board', interpolation: { escapeValue: false } });
  return one.t as unknown as Say;
}

/** Everything that any code may carry. */
const PARAMS = {
  reason: 'r1', until: '2026-11-22T12:32:00Z', since: '2026-11-22T12:00:00Z', at: '2026-11-22T12:40:00Z', contact: 'c1', operator: 'o1', queue: 'q1', channel: 'voice', skill: 's1', language: 'ro',
  needed: 4, has: 2, rank: 3, allowed: 1, most: 2, waiting: 5, signed_in: 7, position: 3, expected_wait: 95, busy: 4, wrap_up: 1, on_break: 0, paused: 0, absent: 2, let_go: 0,
};
const of = (code: string, params: Reason['params'] = PARAMS): Reason => ({ code, params });

describe.each(['en', 'ru', 'ro'] as const)('in %s', (language) => {
  it('every code has a sentence of its own with all its parts filled in', async () => {
    const say = await speaker(language);
    const said = CODES.map((code) => sentence(of(code), words, say));
    for (const one of said) expect(one).toMatch(/^[^{}]{6,}\.$/);
    expect(said.filter((one) => one.startsWith('why'))).toEqual([]);
    expect(new Set(said).size).toBe(CODES.length);
  });

  it('a code without its optional parts leaves no hole', async () => {
    const say = await speaker(language);
    for (const code of ['on_break', 'wrap_up', 'in_line']) expect(sentence(of(code, { reason: 'r1', position: 2 }), words, say)).not.toMatch(/\(\)| {2}|undefined|NaN/);
  });
});

it('names what would have to change', async () => {
  const say = await speaker('en');
  expect(sentence(of('skill_missing'), words, say)).toBe('The skill “skill s1” has level 2; 4 is needed.');
  expect(sentence(of('skill_missing', { skill: 's1', needed: 4, has: 0 }), words, say)).toBe('Lacks the skill “skill s1”; level 4 is needed.');
  expect(sentence(of('language_missing', { language: 'ro', needed: 4, has: 0 }), words, say)).toBe('Does not speak the language: language ro; B2 is needed.');
  expect(sentence(of('nobody_free'), words, say)).toBe('Nobody is free. Of those who could: 4 in a contact, 1 in wrap-up, 2 not present.');
  expect(sentence(of('paused', { reason: 'not_answering', since: null }), words, say)).toContain('did not answer a call');
});

it('shows a code that it does not know rather than hiding it', async () => {
  expect(sentence(of('moon_phase'), words, await speaker('en'))).toBe('Another reason: moon_phase.');
});
