import { describe, expect, it } from 'vitest';
import { EMPTY_FLOW, type Flow, type MenuChoice, type Step } from './flow';
import { fragmentOf, freshId, targetOf, walk } from './graph';
import { exitsOf } from './exits';
import { MAX_UNDO, newEditor, reduce, type EditorEvent, type EditorState } from './machine';

const place = { label: '', x: 0, y: 0 };
const say = (id: string): Step => ({ kind: 'say', id, ...place, prompt: [], interruptible: true });
const hangup = (id: string): Step => ({ kind: 'hangup', id, ...place, prompt: [], cause: 'normal' });
const choices = (...keys: readonly string[]): MenuChoice[] => keys.map((key) => ({ key, label: '' }));
const menu = (id: string, ...keys: readonly string[]): Step => ({
  kind: 'menu',
  id,
  ...place,
  prompt: [],
  no_input_prompt: [],
  wrong_prompt: [],
  wait_seconds: 5,
  attempts: 3,
  interruptible: true,
  choices: choices(...keys),
});

const play = (state: EditorState, ...events: readonly EditorEvent[]): EditorState => events.reduce((now, event) => reduce(now, event, exitsOf), state);

const GREETING: Flow = {
  start: 'say-1',
  nodes: [say('say-1'), menu('menu-1', '1', '2'), hangup('hangup-1')],
  edges: [
    { source: 'say-1', exit: 'next', target: 'menu-1' },
    { source: 'menu-1', exit: 'key:1', target: 'hangup-1' },
    { source: 'menu-1', exit: 'key:2', target: 'menu-1' },
  ],
  max_seconds: 600,
};

describe('changes', () => {
  it('the first step of an empty flow is where calls begin', () => {
    const state = play(newEditor(EMPTY_FLOW), { type: 'add', step: say('say-1') });
    expect(state.flow.start).toBe('say-1');
    expect(state.selected).toEqual(['say-1']);
  });

  it('a step added from an exit is linked to it and chosen', () => {
    const state = play(newEditor(GREETING), { type: 'add', step: say('say-2'), from: { id: 'menu-1', exit: 'key:2' } });
    expect(targetOf(state.flow, 'menu-1', 'key:2')).toBe('say-2');
    expect(state.flow.edges).toHaveLength(3);
    expect(state.selected).toEqual(['say-2']);
  });

  it('an exit leads to one step only', () => {
    const state = play(newEditor(GREETING), { type: 'connect', edge: { source: 'menu-1', exit: 'key:1', target: 'say-1' } });
    expect(state.flow.edges.filter((one) => one.source === 'menu-1' && one.exit === 'key:1')).toEqual([{ source: 'menu-1', exit: 'key:1', target: 'say-1' }]);
  });

  it('what is removed takes its links along, and the start', () => {
    const state = play(newEditor(GREETING), { type: 'select', ids: ['say-1', 'menu-1'] }, { type: 'remove', ids: ['menu-1', 'say-1'] });
    expect(state.flow).toEqual({ start: null, nodes: [hangup('hangup-1')], edges: [], max_seconds: 600 });
    expect(state.selected).toEqual([]);
  });

  it('a key taken out of a menu takes its link along', () => {
    const state = play(newEditor(GREETING), { type: 'set', id: 'menu-1', field: 'choices', value: choices('2') });
    expect(targetOf(state.flow, 'menu-1', 'key:1')).toBeNull();
    expect(targetOf(state.flow, 'menu-1', 'key:2')).toBe('menu-1');
  });

  it('a key that becomes another one keeps its link', () => {
    const state = play(newEditor(GREETING), { type: 'set', id: 'menu-1', field: 'choices', value: choices('5', '2'), exits: new Map([['key:1', 'key:5']]) });
    expect(targetOf(state.flow, 'menu-1', 'key:5')).toBe('hangup-1');
    expect(state.flow.edges).toHaveLength(3);
  });

  it('a link to a step that is not there is not made', () => {
    expect(play(newEditor(GREETING), { type: 'connect', edge: { source: 'say-1', exit: 'next', target: 'gone' } }).flow).toBe(GREETING);
  });
});

describe('copies', () => {
  it('bring the links among them and names of their own, and stay chosen', () => {
    const state = play(newEditor(GREETING), { type: 'paste', fragment: fragmentOf(GREETING, ['menu-1', 'hangup-1']) });
    expect(state.selected).toEqual(['menu-2', 'hangup-2']);
    expect(targetOf(state.flow, 'menu-2', 'key:1')).toBe('hangup-2');
    expect(targetOf(state.flow, 'menu-2', 'key:2')).toBe('menu-2');
    expect(state.flow.nodes.find((one) => one.id === 'menu-2')?.x).toBeGreaterThan(0);
  });

  it('of two steps of one kind get two names', () => {
    const two: Flow = { ...EMPTY_FLOW, nodes: [say('say-1'), say('say-7')] };
    expect(play(newEditor(two), { type: 'paste', fragment: two }).selected).toEqual(['say-2', 'say-3']);
  });

  it('never get a name that is taken', () => {
    expect(freshId({ ...EMPTY_FLOW, nodes: [say('say-1'), say('say-3')] }, 'say', new Set(['say-2']))).toBe('say-4');
  });
});

describe('the way back', () => {
  it('goes through every change and forth again', () => {
    const edited = play(
      newEditor(EMPTY_FLOW),
      { type: 'add', step: say('say-1') },
      { type: 'add', step: say('say-2'), from: { id: 'say-1', exit: 'next' } },
      { type: 'move', places: new Map([['say-2', { x: 300, y: 10 }]]) },
      { type: 'remove', ids: ['say-1'] },
    );
    const undone = play(edited, { type: 'undo' }, { type: 'undo' }, { type: 'undo' }, { type: 'undo' });
    expect(undone.flow).toEqual(EMPTY_FLOW);
    expect(play(undone, { type: 'undo' })).toBe(undone);
    const redone = play(undone, { type: 'redo' }, { type: 'redo' }, { type: 'redo' }, { type: 'redo' });
    expect(redone.flow).toEqual(edited.flow);
  });

  it('takes what was typed in one field as one change', () => {
    const typed = ['H', 'He', 'Hel'].map((value): EditorEvent => ({ type: 'set', id: 'say-1', field: 'label', value }));
    const state = play(newEditor(GREETING), ...typed, { type: 'set', id: 'say-1', field: 'interruptible', value: false });
    expect(play(state, { type: 'undo' }).flow.nodes[0]).toMatchObject({ label: 'Hel', interruptible: true });
    expect(play(state, { type: 'undo' }, { type: 'undo' }).flow).toEqual(GREETING);
  });

  it('starts a new change when another step was looked at in between', () => {
    const set = (value: string): EditorEvent => ({ type: 'set', id: 'say-1', field: 'label', value });
    const state = play(newEditor(GREETING), set('a'), { type: 'select', ids: ['menu-1'] }, { type: 'select', ids: ['say-1'] }, set('b'));
    expect(play(state, { type: 'undo' }).flow.nodes[0]).toMatchObject({ label: 'a' });
  });

  it('is closed forwards by a new change', () => {
    const state = play(newEditor(EMPTY_FLOW), { type: 'add', step: say('say-1') }, { type: 'undo' }, { type: 'add', step: say('say-2') });
    expect(play(state, { type: 'redo' })).toBe(state);
  });

  it('has no entry for what changed nothing', () => {
    const state = play(
      newEditor(GREETING),
      { type: 'move', places: new Map([['say-1', { x: 0, y: 0 }]]) },
      { type: 'set', id: 'menu-1', field: 'label', value: '' },
      { type: 'limit', seconds: 600 },
      { type: 'start', id: 'say-1' },
      { type: 'disconnect', edges: [{ source: 'say-1', exit: 'other' }] },
      { type: 'paste', fragment: EMPTY_FLOW },
    );
    expect(state.past).toEqual([]);
  });

  it('is not longer than its cap', () => {
    const many = Array.from({ length: MAX_UNDO + 5 }, (_, index): EditorEvent => ({ type: 'move', places: new Map([['say-1', { x: index + 1, y: 0 }]]) }));
    expect(play(newEditor(GREETING), ...many).past).toHaveLength(MAX_UNDO);
  });

  it('forgets the chosen steps that are no more', () => {
    const state = play(newEditor(GREETING), { type: 'add', step: say('say-2') }, { type: 'undo' });
    expect(state.selected).toEqual([]);
  });
});

it('steps are walked as a call meets them, what no call meets comes last', () => {
  const flow: Flow = { ...GREETING, nodes: [say('say-9'), ...GREETING.nodes] };
  expect(walk(flow, exitsOf).map((one) => one.id)).toEqual(['say-1', 'menu-1', 'hangup-1', 'say-9']);
});
