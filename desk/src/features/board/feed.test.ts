import { describe, expect, it } from 'vitest';
import { take, type Board } from './feed';
import { operator, queue } from './samples';

const AT = '2026-11-22T12:00:00Z';
const snapshot = (queues: unknown[], operators: unknown[]) => ({ type: 'snapshot', at: AT, queues, operators });
const changes = (change: object) => ({ type: 'changes', at: '2026-11-22T12:00:01Z', ...change });

/** Old snapshot and differences are a fresh snapshot. */
function follow(first: unknown, ...rest: unknown[]): Board {
  let board: Board | null = null;
  for (const message of [first, ...rest]) {
    const taken = take(board, message);
    if (taken === 'gap' || taken === null) throw new Error('not taken');
    board = taken;
  }
  if (board === null) throw new Error('no board');
  return board;
}

const plain = (board: Board) => ({ queues: [...board.queues.values()].sort((a, b) => a.id.localeCompare(b.id)), operators: [...board.operators.values()].sort((a, b) => a.id.localeCompare(b.id)) });

describe('old snapshot + differences = fresh snapshot', () => {
  const [q1, q2, o1, o2] = [queue({ id: 'q1' }), queue({ id: 'q2' }), operator({ id: 'o1' }), operator({ id: 'o2' })];

  it('when things change, come and go', () => {
    const busy = queue({ id: 'q1', waiting: 4 });
    const followed = follow(snapshot([q1, q2], [o1]), changes({ queues: [busy] }), changes({ operators: [o2], gone: ['o1'] }), changes({ gone: ['q2'] }));
    expect(plain(followed)).toEqual(plain(follow(snapshot([busy], [o2]))));
  });

  it('when a connection comes back with a new snapshot', () => {
    expect(plain(follow(snapshot([q1, q2], [o1, o2]), snapshot([q2], [])))).toEqual(plain(follow(snapshot([q2], []))));
  });

  it('what nothing is said about stays the same object', () => {
    const before = follow(snapshot([q1, q2], [o1, o2]));
    const after = take(before, changes({ operators: [operator({ id: 'o1', state: 'break' })] })) as Board;
    expect(after.queues).toBe(before.queues);
    expect(after.operators.get('o2')).toBe(before.operators.get('o2'));
    expect(after.operators.get('o1')?.state).toBe('break');
  });
});

describe('what makes no sense', () => {
  it('asks for a fresh snapshot', () => {
    expect(take(null, changes({ queues: [] }))).toBe('gap');
    expect(take(null, { type: 'snapshot', at: AT, queues: 'all', operators: [] })).toBe('gap');
    expect(take(follow(snapshot([], [])), changes({ operators: [{ name: 'no id' }] }))).toBe('gap');
  });

  it('is left alone when it is not about the board', () => {
    expect(take(null, { type: 'ping' })).toBeNull();
    expect(take(null, 'hello')).toBeNull();
  });
});
