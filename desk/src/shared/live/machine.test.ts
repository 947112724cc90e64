import { describe, expect, it } from 'vitest';
import {
  FIRST_DELAY_MS,
  MAX_DELAY_MS,
  backOff,
  initialLiveState,
  step,
  type LiveEffect,
  type LiveInput,
  type LiveItem,
  type LiveState,
} from './machine';

/** Feeds inputs one after the other, one millisecond apart unless `at` says otherwise. */
function drive(inputs: readonly (LiveInput & { at?: number })[], from: LiveState = initialLiveState) {
  let state = from;
  let now = 0;
  const effects: LiveEffect[] = [];
  for (const { at, ...input } of inputs) {
    now = at ?? now + 1;
    const [next, out] = step(state, input, now);
    state = next;
    effects.push(...out);
  }
  return { state, effects, sent: effects.flatMap((effect) => (effect.type === 'send' ? [effect.message] : [])) };
}

const says = (message: unknown): LiveInput => ({ type: 'message', message, jitter: 0 });
const open: LiveInput[] = [{ type: 'start' }, { type: 'opened' }];
const watching: LiveInput[] = [...open, { type: 'watch', topic: 'teams' }];
const a1: LiveItem = { id: 'a', name: 'Alpha' };
const b1: LiveItem = { id: 'b', name: 'Beta' };
const snapshotOf = (position: number, items: LiveItem[]) => says({ type: 'snapshot', topic: 'teams', position, items });
const changed = (position: number, item: LiveItem) =>
  says({ type: 'event', topic: 'teams', position, kind: 'team.changed', id: item.id, item });
const removed = (position: number, id: string) =>
  says({ type: 'event', topic: 'teams', position, kind: 'team.removed', id, item: null });

/** The rule the whole desk stands on. */
function expectSameAsFresh(old: LiveInput, events: LiveInput[], fresh: LiveInput): void {
  const followed = drive([...watching, old, ...events]).state.topics.get('teams');
  const read = drive([...watching, fresh]).state.topics.get('teams');
  expect(followed).toEqual(read);
}

describe('old snapshot + events = fresh snapshot', () => {
  it('when a thing changes', () => {
    const a2 = { id: 'a', name: 'Alpha two' };
    expectSameAsFresh(snapshotOf(5, [a1, b1]), [changed(6, a2)], snapshotOf(6, [a2, b1]));
  });

  it('when a thing is new', () => {
    expectSameAsFresh(snapshotOf(5, [a1]), [changed(9, b1)], snapshotOf(9, [a1, b1]));
  });

  it('when a thing is removed', () => {
    expectSameAsFresh(snapshotOf(5, [a1, b1]), [removed(6, 'b')], snapshotOf(6, [a1]));
  });

  it('when events come twice or were already in the snapshot', () => {
    const a2 = { id: 'a', name: 'Alpha two' };
    const stale = { id: 'a', name: 'before the snapshot' };
    expectSameAsFresh(snapshotOf(5, [a1]), [changed(4, stale), changed(6, a2), changed(6, stale)], snapshotOf(6, [a2]));
  });

  it('when a thing is removed and comes back', () => {
    expectSameAsFresh(snapshotOf(1, [b1]), [removed(2, 'b'), changed(3, b1)], snapshotOf(3, [b1]));
  });
});

describe('the feed', () => {
  it('subscribes from nothing and ignores events that come before the snapshot', () => {
    const { state, sent } = drive([...watching, changed(3, a1)]);
    expect(sent).toEqual([{ type: 'subscribe', topic: 'teams', after: null }]);
    expect(state.topics.get('teams')?.items.size).toBe(0);
  });

  it('resumes each topic after its last position', () => {
    const { sent } = drive([
      ...watching,
      snapshotOf(7, [a1]),
      changed(8, b1),
      { type: 'closed', code: 1012, jitter: 0 },
      { type: 'tick', jitter: 0, at: 10_000 },
      { type: 'opened' },
    ]);
    expect(sent.at(-1)).toEqual({ type: 'subscribe', topic: 'teams', after: 8 });
  });

  it('keeps what it knows while the connection is lost', () => {
    const { state } = drive([...watching, snapshotOf(7, [a1]), { type: 'closed', code: 1006, jitter: 0, at: 50 }]);
    expect(state.topics.get('teams')?.items.get('a')).toEqual(a1);
    expect(state.lostSince).toBe(50);
  });

  it('replaces everything when the server answers a gap with a fresh snapshot', () => {
    const { state } = drive([...watching, snapshotOf(7, [a1]), snapshotOf(900, [b1])]);
    expect([...(state.topics.get('teams')?.items.keys() ?? [])]).toEqual(['b']);
    expect(state.topics.get('teams')?.position).toBe(900);
  });

  it('asks for a fresh snapshot when it does not know the event', () => {
    const odd = says({ type: 'event', topic: 'teams', position: 8, kind: 'team.merged', id: 'a', item: null });
    const { state, sent } = drive([...watching, snapshotOf(7, [a1]), odd]);
    expect(sent.at(-1)).toEqual({ type: 'subscribe', topic: 'teams', after: null });
    expect(state.topics.get('teams')?.position).toBe(7);
  });

  it('waits longer after each failure, never past the limit, and starts over after success', () => {
    expect([0, 1, 2, 3, 4, 5, 20].map((n) => backOff(n, 0))).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    expect(backOff(0, 1)).toBe(FIRST_DELAY_MS * 1.25);
    expect(backOff(99, 0)).toBe(MAX_DELAY_MS);
    const failed = drive([{ type: 'start' }, { type: 'closed', code: 1006, jitter: 0 }, { type: 'tick', jitter: 0, at: 1000 }, { type: 'closed', code: 1006, jitter: 0 }]);
    expect(failed.state.attempts).toBe(2);
    expect(drive([{ type: 'tick', jitter: 0, at: 9999 }, { type: 'opened' }], failed.state).state.attempts).toBe(0);
  });

  it('does not connect again before its time, and at once when the network comes back', () => {
    const lost: LiveInput[] = [...open, { type: 'closed', code: 1006, jitter: 0 }];
    expect(drive([...lost, { type: 'tick', jitter: 0, at: 400 }]).state.phase).toBe('waiting');
    expect(drive([...lost, { type: 'network' }]).state.phase).toBe('connecting');
  });

  it('answers a ping', () => {
    expect(drive([...open, says({ type: 'ping' })]).sent).toEqual([{ type: 'pong' }]);
  });

  it('gives a silent connection up after two and a half heartbeats', () => {
    const hello = { ...says({ type: 'hello', heartbeat_seconds: 10 }), at: 1000 };
    expect(drive([...open, hello, { type: 'tick', jitter: 0, at: 25_999 }]).state.phase).toBe('open');
    const dead = drive([...open, hello, { type: 'tick', jitter: 0, at: 26_000 }]);
    expect(dead.state.phase).toBe('waiting');
    expect(dead.effects.at(-1)).toEqual({ type: 'disconnect' });
  });

  it('stops and reports when the session has ended, and starts again after sign-in', () => {
    const ended = drive([...watching, snapshotOf(3, [a1]), { type: 'closed', code: 4401, jitter: 0 }]);
    expect(ended.state.phase).toBe('ended');
    expect(ended.effects.at(-1)).toEqual({ type: 'session-ended' });
    const again = drive(open, ended.state);
    expect(again.sent).toEqual([{ type: 'subscribe', topic: 'teams', after: 3 }]);
  });

  it('unsubscribes only when the last part of the page looks away', () => {
    const two = drive([...watching, { type: 'watch', topic: 'teams' }, { type: 'unwatch', topic: 'teams' }]);
    expect(two.state.topics.get('teams')?.watchers).toBe(1);
    expect(two.sent).toHaveLength(1);
    expect(drive([{ type: 'unwatch', topic: 'teams' }], two.state).sent).toEqual([{ type: 'unsubscribe', topic: 'teams' }]);
  });

  it('takes the card of a fact that it has no name for', () => {
    const dismissed = { id: 'a', name: 'Alpha', dismissed_at: '2026-11-22T09:00:00Z' };
    const fact = says({ type: 'event', topic: 'teams', position: 8, kind: 'team.put_aside', id: 'a', item: dismissed });
    const { state } = drive([...watching, snapshotOf(7, [a1]), fact]);
    expect(state.topics.get('teams')?.items.get('a')).toEqual(dismissed);
  });

  it('stands at the position that the server says after a resume', () => {
    const { state } = drive([...watching, snapshotOf(7, [a1]), says({ type: 'resumed', topic: 'teams', position: 40 })]);
    expect(state.topics.get('teams')?.position).toBe(40);
    expect(state.topics.get('teams')?.items.size).toBe(1);
  });

  it('comes back later when the server can not read a topic now', () => {
    const { state, effects } = drive([...watching, says({ type: 'error', topic: 'teams', code: 'unavailable' })]);
    expect(state.phase).toBe('waiting');
    expect(effects.at(-1)).toEqual({ type: 'disconnect' });
  });

  it('forgets what it saw when it is stopped, but not what the page looks at', () => {
    const { state } = drive([...watching, snapshotOf(7, [a1]), { type: 'stop' }]);
    expect(state.topics.get('teams')).toEqual({ watchers: 1, position: null, items: new Map(), refused: null });
    expect(drive(open, state).sent).toEqual([{ type: 'subscribe', topic: 'teams', after: null }]);
  });

  it('remembers that a topic was refused', () => {
    const { state } = drive([...watching, says({ type: 'error', topic: 'teams', code: 'auth.forbidden' })]);
    expect(state.topics.get('teams')?.refused).toBe('auth.forbidden');
  });

  it.each([null, 'text', 7, {}, { type: 'snapshot', topic: 'teams' }, { type: 'event', topic: 'x', position: 1 }])(
    'takes no harm from %j',
    (message) => {
      const before = drive(watching).state;
      expect(drive([says(message)], before).state.topics).toEqual(before.topics);
    },
  );
});
