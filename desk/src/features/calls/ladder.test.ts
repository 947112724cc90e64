import { describe, expect, it } from 'vitest';
import { clockTime, toneOf, type Message } from './calls';
import { labelOf, ladderOf } from './ladder';

const message = (remote: string, direction: 'in' | 'out', more: Partial<Message> = {}): Message => ({
  id: 1, at: '2026-11-20T09:00:00Z', direction, transport: 'UDP', local: '192.0.2.1:5060', remote, call_id: 'c', method: 'INVITE', status: null, cseq: 1,
  first_line: 'INVITE sip:1@x SIP/2.0', from_user: '', to_user: '', size: 1, text: '', ...more,
});

describe('the ladder of a call', () => {
  it('puts Centrala between the first and the others', () => {
    const { lifelines, arrows } = ladderOf([message('a', 'in'), message('b', 'out'), message('b', 'in'), message('c', 'out')]);
    expect(lifelines).toEqual(['a', null, 'b', 'c']);
    expect(arrows.map(({ from, to }) => [from, to])).toEqual([[0, 1], [1, 2], [2, 1], [1, 3]]);
  });

  it('stands alone without messages', () => {
    expect(ladderOf([])).toEqual({ lifelines: [null], arrows: [] });
  });

  it('names a request by its method and an answer by its words', () => {
    expect(labelOf(message('a', 'in'))).toBe('INVITE');
    expect(labelOf(message('a', 'in', { status: 486, first_line: 'SIP/2.0 486 Busy Here' }))).toBe('486 Busy Here');
  });
});

describe('a call', () => {
  it('shows its time as a clock does', () => {
    expect([0, 61.9, 3725, -3].map(clockTime)).toEqual(['00:00', '01:01', '1:02:05', '00:00']);
  });

  it('tells trouble from what people did', () => {
    expect([toneOf('busy'), toneOf('no_route'), toneOf('answered'), toneOf(null)]).toEqual(['plain', 'bad', 'good', 'accent']);
  });
});
