import { describe, expect, it } from 'vitest';
import { contactOf, shownSince, shownState, type BoardContact } from './model';
import { countStates, pickOperators, type Pick } from './pick';
import { operator, queue } from './samples';
import { byTrouble, levelOf, levelOfQueue, totalsOf } from './trouble';

const NOW = Date.parse('2026-11-22T12:00:00Z') / 1000;
const ago = (seconds: number): string => new Date((NOW - seconds) * 1000).toISOString();
const compare = (a: string, b: string) => a.localeCompare(b);
const held = (state: BoardContact['state'], since = ago(60)): BoardContact => ({ interaction_id: 'i1', queue_id: 'q1', channel: 'voice', state, since, until: null });
const alert = (measure: 'waiting' | 'longest_wait' | 'service_level' | 'abandoned' | 'free') => ({ measure, value: 9, threshold: 5, since: ago(10) });

describe('an operator', () => {
  it('is seen by what they hold before what they asked for', () => {
    expect(shownState(operator({ contacts: [held('active')] }))).toBe('talking');
    expect(shownState(operator({ contacts: [held('wrap_up'), held('ringing')] }))).toBe('ringing');
    expect(shownState(operator({ state: 'break' }))).toBe('break');
  });

  it('who asked for contacts but gives no sign of life is absent, not ready', () => {
    expect(shownState(operator({ present: false }))).toBe('absent');
    expect(shownState(operator({ present: false, contacts: [held('active')] }))).toBe('talking');
    expect(shownState(operator({ present: false, state: 'break' }))).toBe('break');
  });

  it('counts the time of what is seen', () => {
    const one = operator({ since: ago(900), contacts: [held('wrap_up', ago(5)), held('active', ago(60))] });
    expect(shownSince(one)).toBe(ago(60));
    expect(contactOf(one)?.state).toBe('active');
    expect(shownSince(operator({ since: ago(900) }))).toBe(ago(900));
  });
});

describe('the list of operators', () => {
  const all = [
    operator({ id: 'a', given_name: 'Ștefan', family_name: 'Țurcanu', queues: ['q1'] }),
    operator({ id: 'b', given_name: 'Ana', family_name: 'Rusu', queues: ['q2'], contacts: [{ ...held('active', ago(30)), queue_id: 'q2' }] }),
    operator({ id: 'c', given_name: 'Ion', family_name: 'Rusu', queues: ['q1', 'q2'], state: 'paused', since: ago(10) }),
    operator({ id: 'd', given_name: 'Vera', family_name: 'Lungu', queues: ['q2'], contacts: [{ ...held('active', ago(400)), queue_id: 'q2' }] }),
  ];
  const pick = (change: Partial<Pick>) =>
    pickOperators(all, { q: '', queue: null, state: null, team: null, sort: 'state', ...change }, (id) => (id === 'a' ? 't1' : null), compare).map((one) => one.id);

  it('begins with those who need a look, and the longest of each state first', () => {
    expect(pick({})).toEqual(['c', 'd', 'b', 'a']);
  });

  it('leaves out who is signed out, unless asked for by name or state', () => {
    const off = operator({ id: 'z', given_name: 'Zoe', family_name: 'Popa', state: 'off' });
    const among = (change: Partial<Pick>) => pickOperators([...all, off], { q: '', queue: null, state: null, team: null, sort: 'state', ...change }, () => null, compare).map((one) => one.id);
    expect(among({})).not.toContain('z');
    expect(among({ q: 'popa' })).toEqual(['z']);
    expect(among({ state: 'off' })).toEqual(['z']);
  });

  it('finds names without their diacritics, in any order of words', () => {
    expect(pick({ q: 'turcanu stef' })).toEqual(['a']);
    expect(pick({ q: 'rusu' })).toEqual(['c', 'b']);
  });

  it('narrows by queue, state and team together', () => {
    expect(pick({ queue: 'q1' })).toEqual(['c', 'a']);
    expect(pick({ queue: 'q2', state: 'talking' })).toEqual(['d', 'b']);
    expect(pick({ team: 't1' })).toEqual(['a']);
  });

  it('sorts by name or by time when asked', () => {
    expect(pick({ sort: 'name' })).toEqual(['b', 'c', 'a', 'd']);
    expect(pick({ sort: 'longest' })[0]).toBe('a');
  });

  it('counts everybody once', () => {
    const counts = countStates(all);
    expect([...counts.values()].reduce((a, b) => a + b)).toBe(4);
    expect(counts.get('talking')).toBe(2);
  });
});

describe('the queues', () => {
  const calm = queue({ id: 'calm', name: 'B calm' });
  const closed = queue({ id: 'closed', name: 'A closed', open: false });
  const near = queue({ id: 'near', waiting: 1, longest_since: ago(16), target: 20 });
  const day = queue({ id: 'day', alerts: [alert('service_level'), alert('abandoned')] });
  const now = queue({ id: 'now', alerts: [alert('longest_wait')] });

  it('stand in the order of their trouble: who waits now before the day as a whole', () => {
    expect(byTrouble([closed, calm, near, day, now], NOW, compare).map((one) => one.id)).toEqual(['now', 'day', 'near', 'calm', 'closed']);
  });

  it('do not change places while nothing changes but the time', () => {
    const two = [queue({ id: 'x', name: 'X', waiting: 1, longest_since: ago(5), ready: 1 }), queue({ id: 'y', name: 'Y', waiting: 1, longest_since: ago(4), ready: 1 })];
    const order = (at: number) => byTrouble(two, at, compare).map((one) => one.id).join();
    expect(order(NOW)).toBe('x,y');
    expect(order(NOW + 5)).toBe('x,y');
  });

  it('warn before the target is missed, and when somebody waits with nobody free', () => {
    expect(levelOf(near, 'longest_wait', NOW)).toBe('watch');
    expect(levelOfQueue(queue({ waiting: 1, longest_since: ago(1), ready: 0 }), NOW)).toBe('watch');
    expect(levelOfQueue(calm, NOW)).toBe('calm');
    expect(levelOfQueue(closed, NOW)).toBe('closed');
    expect(levelOf(now, 'longest_wait', NOW)).toBe('bad');
  });

  it('add up: the level of the whole weighs each queue by what was offered, short ones apart', () => {
    const totals = totalsOf(
      [queue({ waiting: 2, longest_since: ago(10), offered: 110, short: 10, service_level: 0.9, abandoned: 3 }), queue({ waiting: 1, longest_since: ago(40), offered: 300, service_level: 0.5, abandoned: 4 }), queue({ service_level: null })],
      NOW,
    );
    expect(totals).toMatchObject({ waiting: 3, longest_since: ago(40), abandoned: 7, offered: 410 });
    expect(totals.service_level).toBeCloseTo(0.6);
    expect(totalsOf([queue({})], NOW).service_level).toBeNull();
  });
});
