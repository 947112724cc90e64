import { expect, it } from 'vitest';
import { EMPTY_FLOW, type Flow } from './flow';
import { automatic, takeBack, tell, trailOf, type Timed } from './simulation';

const FLOW: Flow = {
  ...EMPTY_FLOW,
  edges: [
    { source: 'menu', exit: 'key:1', target: 'queue' },
    { source: 'menu', exit: 'key:2', target: 'bye' },
    { source: 'menu', exit: 'wrong', target: 'bye' },
    { source: 'queue', exit: 'after', target: 'bye' },
  ],
};

it('the way of a call is the steps that it met and the edges between them', () => {
  const trail = trailOf(FLOW, ['menu', 'queue', 'bye'], 'bye');
  expect([...trail.steps]).toEqual(['menu', 'queue', 'bye']);
  expect([...trail.edges]).toEqual(['menu key:1', 'queue after']);
  expect(trail.current).toBe('bye');
});

it('a call is taken and what is said is heard to its end without a hand', () => {
  expect(automatic([{ kind: 'answer', id: 3 }], { silent: false })).toEqual({ kind: 'started', id: 3 });
  expect(automatic([{ kind: 'play', id: 4 }], { silent: true })).toEqual({ kind: 'played', id: 4, digit: '' });
});

it('with sound it is heard first, and keys are never pressed without a hand', () => {
  expect(automatic([{ kind: 'play', id: 4 }], { silent: false })).toBeNull();
  expect(automatic([{ kind: 'collect', id: 5 }], { silent: true })).toBeNull();
});

it('events come one after the other', () => {
  const events = tell(tell([], { kind: 'begin' }), { kind: 'call_ended' });
  expect(events.map((one) => one.at)).toEqual([0, 1]);
});

it('taking back goes to before the last thing done by hand', () => {
  const events: readonly Timed[] = [
    { at: 0, event: { kind: 'begin' } },
    { at: 1, event: { kind: 'started', id: 0 } },
    { at: 2, event: { kind: 'digits', id: 1, digits: '1' } },
    { at: 3, event: { kind: 'played', id: 2, digit: '' } },
  ];
  expect(takeBack(events)).toEqual(events.slice(0, 2));
  expect(takeBack(events.slice(0, 2))).toEqual([]);
});
