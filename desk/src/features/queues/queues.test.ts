import { describe, expect, it } from 'vitest';
import { ApiError } from '@/shared/api/problem';
import { FIELDS, newQueue, ownField, tabOf, toBody, toPatch, toValues, withOwnFields, type Queue } from './queues';

const QUEUE: Queue = {
  ...(toBody({ ...newQueue('p1'), name: 'Faults' }) as unknown as Queue),
  id: 'q1',
  operators: 3,
  archived_at: null,
  version: 4,
};

describe('the form of a queue', () => {
  it('has every field on exactly one tab', () => {
    expect([...FIELDS].sort()).toEqual(Object.keys(newQueue(null)).sort());
    expect(new Set(FIELDS).size).toBe(FIELDS.length);
  });

  it('gives back what it was given', () => {
    const rules = {
      ...QUEUE.rules,
      skills: { s1: 4 },
      steps: [{ after: 30, levels_down: 2, drop_skills: false, drop_language: true, max_rank: null }],
      overflow: [{ to: { kind: 'queue', value: 'q2' }, after: 120, place: null }, { to: { kind: 'hang_up', value: '' }, after: null, place: 10 }],
      max_wait: 3600,
      no_operator: { kind: 'voicemail', value: 'box' },
      callback_after: null,
    } as unknown as Queue['rules'];
    const values = toValues({ ...QUEUE, rules, thresholds: { waiting: 5, longest_wait: 90, service_level: 0.8, abandoned: null, free: 0 } });
    expect(values).toMatchObject({ max_wait: '1:00:00', callback_after: '', alert_service_level: '80', alert_free: '0', alert_longest_wait: '1:30' });
    const body = toBody(values);
    expect(body.rules).toEqual({ ...rules, last_operator_first: false, max_rank: null, max_length: null, max_on_break: null, announce_first: null, callback_expected: null });
    expect(body.thresholds).toEqual({ waiting: 5, longest_wait: 90, service_level: 0.8, abandoned: null, free: 0 });
  });

  it('sends rules as a whole once one has changed, and nothing that has not', () => {
    const values = toValues(QUEUE);
    expect(toPatch({ name: 'New' }, { ...values, name: 'New' })).toEqual({ name: 'New' });
    const ring = toPatch({ ring: '0:25' }, { ...values, ring: '0:25' });
    expect(Object.keys(ring)).toEqual(['rules']);
    expect(ring.rules).toMatchObject({ ring: 25, target: 20 });
    expect(Object.keys(toPatch({ alert_waiting: '9' }, { ...values, alert_waiting: '9' }))).toEqual(['thresholds']);
  });

  it('sends what is no number as it was typed, so that the server names the mistake', () => {
    const values = { ...toValues(QUEUE), max_length: 'many', ring: 'soon', alert_service_level: '80 %' };
    expect(toBody(values).rules).toMatchObject({ max_length: 'many', ring: 'soon' });
    expect(toBody(values).thresholds).toMatchObject({ service_level: 0.8 });
  });
});

it('brings each mistake to its field', () => {
  expect(['name', 'rules.ring', 'rules.steps.0.after', 'rules', 'thresholds.free', 'thresholds.service_level'].map(ownField)).toEqual(['name', 'ring', 'steps.0.after', 'steps', 'alert_free', 'alert_service_level']);
  const refused = new ApiError(422, 'validation', '', [{ field: 'rules.ring', code: 'too_small', params: {}, message: '' }]);
  expect((withOwnFields(refused) as ApiError).fields[0]?.field).toBe('ring');
  const other = new Error('x');
  expect(withOwnFields(other)).toBe(other);
});

it('opens the tab of what was refused, but leaves one that has a mistake itself', () => {
  const at = (...fields: string[]) => fields.map((field) => ({ field, code: 'x', params: {}, message: '' }));
  expect(tabOf(at('overflow.0.after'), 'general')).toBe('rules');
  expect(tabOf(at('overflow.0.after', 'alert_free'), 'thresholds')).toBe('thresholds');
  expect(tabOf(at('elsewhere'), 'sounds')).toBe('sounds');
});
