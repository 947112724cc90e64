import { describe, expect, it } from 'vitest';
import { initialLink, stepLink, type LinkEffect, type LinkInput, type LinkState } from './link';

function drive(inputs: readonly (LinkInput & { at?: number })[], from: LinkState = initialLink) {
  let state = from;
  let now = 0;
  const effects: LinkEffect[] = [];
  for (const { at, ...input } of inputs) {
    now = at ?? now + 1;
    const [next, out] = stepLink(state, input, now);
    state = next;
    effects.push(...out);
  }
  return { state, effects };
}

const open: LinkInput[] = [{ type: 'start' }, { type: 'opened' }, { type: 'heard' }];
const cut = (code = 1006): LinkInput => ({ type: 'closed', code, jitter: 0 });

describe('a link', () => {
  it('is lost until something has been heard, not merely opened', () => {
    expect(drive(open.slice(0, 2)).state.lostSince).toBe(1);
    expect(drive(open).state.lostSince).toBeNull();
  });

  it('comes back by itself, later after each failure', () => {
    const failed = drive([...open, { ...cut(), at: 1000 }, { type: 'tick', jitter: 0, at: 1400 }]);
    expect(failed.state).toMatchObject({ phase: 'waiting', lostSince: 1000, deadline: 1500 });
    const again = drive([{ type: 'tick', jitter: 0, at: 1500 }, { ...cut(), at: 1501 }], failed.state);
    expect(again.effects).toEqual(['connect']);
    expect(again.state).toMatchObject({ phase: 'waiting', lostSince: 1000, deadline: 2501 });
  });

  it('takes silence for a dead connection', () => {
    const beating: (LinkInput & { at?: number })[] = [...open, { type: 'heard', heartbeatMs: 2000, at: 100 }];
    expect(drive([...beating, { type: 'tick', jitter: 0, at: 5099 }]).state.phase).toBe('open');
    const dead = drive([...beating, { type: 'tick', jitter: 0, at: 5100 }]);
    expect(dead.state.phase).toBe('waiting');
    expect(dead.effects.at(-1)).toBe('disconnect');
  });

  it('does not wait for ever for a server that does not answer the door', () => {
    expect(drive([{ type: 'start' }, { type: 'tick', jitter: 0, at: 20_000 }]).state.phase).toBe('waiting');
  });

  it('tries at once when the network is back', () => {
    expect(drive([...open, cut(), { type: 'network' }]).state).toMatchObject({ phase: 'connecting', attempts: 0 });
  });

  it('stops when the session has ended and starts again after sign-in', () => {
    const ended = drive([...open, cut(4401), { type: 'tick', jitter: 0, at: 99_999 }]);
    expect(ended.state.phase).toBe('ended');
    expect(ended.effects).toContain('session-ended');
    expect(drive([{ type: 'start' }], ended.state).effects).toEqual(['connect']);
  });

  it('does not knock again at a door that is not for this person', () => {
    expect(drive([...open, cut(4403), { type: 'tick', jitter: 0, at: 99_999 }]).state.phase).toBe('refused');
  });
});
