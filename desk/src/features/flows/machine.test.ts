import { describe, expect, it } from 'vitest';
import { EMPTY, fragmentOf, freshId, targetOf, walk, type ExitsOf, type Graph, type Step } from './graph';
import { MAX_UNDO, newEditor, reduce, type EditorEvent, type EditorState } from './machine';

const exitsOf: ExitsOf = (step) => (step.kind === 'menu' ? (step.settings.keys as string[]) : step.kind === 'hangup' ? [] : ['next']);

const step = (id: string, kind = 'say', settings: Record<string, unknown> = {}): Step => ({ id, kind, name: '', settings, x: 0, y: 0 });

const play = (state: EditorState, ...events: readonly EditorEvent[]): EditorState => events.reduce((now, event) => reduce(now, event, exitsOf), state);

const GREETING: Graph = {
  start: 'say-1',
  steps: [step('say-1'), step('menu-1', 'menu', { keys: ['1', '2'] }), step('hangup-1', 'hangup')],
  links: [
    { from: 'say-1', exit: 'next', to: 'menu-1' },
    { from: 'menu-1', exit: '1', to: 'hangup-1' },
    { from: 'menu-1', exit: '2', to: 'menu-1' },
  ],
};

describe('changes', () => {
  it('the first step of an empty flow is where calls begin', () => {
    const state = play(newEditor(EMPTY), { type: 'add', step: step('say-1') });
    expect(state.graph.start).toBe('say-1');
    expect(state.selected).toEqual(['say-1']);
  });

  it('a step added from an exit is linked to it and chosen', () => {
    const state = play(newEditor(GREETING), { type: 'add', step: step('say-2'), from: { id: 'menu-1', exit: '2' } });
    expect(targetOf(state.graph, 'menu-1', '2')).toBe('say-2');
    expect(state.graph.links).toHaveLength(3);
    expect(state.selected).toEqual(['say-2']);
  });

  it('an exit leads to one step only', () => {
    const state = play(newEditor(GREETING), { type: 'connect', link: { from: 'menu-1', exit: '1', to: 'say-1' } });
    expect(state.graph.links.filter((one) => one.from === 'menu-1' && one.exit === '1')).toEqual([{ from: 'menu-1', exit: '1', to: 'say-1' }]);
  });

  it('what is removed takes its links along, and the start', () => {
    const state = play(newEditor(GREETING), { type: 'select', ids: ['say-1', 'menu-1'] }, { type: 'remove', ids: ['menu-1', 'say-1'] });
    expect(state.graph).toEqual({ start: null, steps: [step('hangup-1', 'hangup')], links: [] });
    expect(state.selected).toEqual([]);
  });

  it('a key taken out of a menu takes its link along', () => {
    const state = play(newEditor(GREETING), { type: 'set', id: 'menu-1', field: 'keys', value: ['2'] });
    expect(targetOf(state.graph, 'menu-1', '1')).toBeNull();
    expect(targetOf(state.graph, 'menu-1', '2')).toBe('menu-1');
  });

  it('a key that becomes another one keeps its link', () => {
    const state = play(newEditor(GREETING), { type: 'set', id: 'menu-1', field: 'keys', value: ['5', '2'], exits: new Map([['1', '5']]) });
    expect(targetOf(state.graph, 'menu-1', '5')).toBe('hangup-1');
    expect(state.graph.links).toHaveLength(3);
  });

  it('a link to a step that is not there is not made', () => {
    expect(play(newEditor(GREETING), { type: 'connect', link: { from: 'say-1', exit: 'next', to: 'gone' } }).graph).toBe(GREETING);
  });
});

describe('copies', () => {
  it('bring the links among them and names of their own, and stay chosen', () => {
    const state = play(newEditor(GREETING), { type: 'paste', fragment: fragmentOf(GREETING, ['menu-1', 'hangup-1']) });
    expect(state.selected).toEqual(['menu-2', 'hangup-2']);
    expect(targetOf(state.graph, 'menu-2', '1')).toBe('hangup-2');
    expect(targetOf(state.graph, 'menu-2', '2')).toBe('menu-2');
    expect(state.graph.steps.find((one) => one.id === 'menu-2')?.x).toBeGreaterThan(0);
  });

  it('of two steps of one kind get two names', () => {
    const two: Graph = { start: null, steps: [step('say-1'), step('say-7')], links: [] };
    expect(play(newEditor(two), { type: 'paste', fragment: two }).selected).toEqual(['say-2', 'say-3']);
  });

  it('never get a name that is taken', () => {
    expect(freshId({ ...EMPTY, steps: [step('say-1'), step('say-3')] }, 'say', new Set(['say-2']))).toBe('say-4');
  });
});

describe('the way back', () => {
  it('goes through every change and forth again', () => {
    const edited = play(
      newEditor(EMPTY),
      { type: 'add', step: step('say-1') },
      { type: 'add', step: step('say-2'), from: { id: 'say-1', exit: 'next' } },
      { type: 'move', places: new Map([['say-2', { x: 300, y: 10 }]]) },
      { type: 'remove', ids: ['say-1'] },
    );
    const undone = play(edited, { type: 'undo' }, { type: 'undo' }, { type: 'undo' }, { type: 'undo' });
    expect(undone.graph).toEqual(EMPTY);
    expect(play(undone, { type: 'undo' })).toBe(undone);
    const redone = play(undone, { type: 'redo' }, { type: 'redo' }, { type: 'redo' }, { type: 'redo' });
    expect(redone.graph).toEqual(edited.graph);
  });

  it('takes what was typed in one field as one change', () => {
    const typed = ['H', 'He', 'Hel'].map((value): EditorEvent => ({ type: 'set', id: 'say-1', field: 'text', value }));
    const state = play(newEditor(GREETING), ...typed, { type: 'set', id: 'say-1', field: 'barge', value: true });
    expect(play(state, { type: 'undo' }).graph.steps[0]?.settings).toEqual({ text: 'Hel' });
    expect(play(state, { type: 'undo' }, { type: 'undo' }).graph).toEqual(GREETING);
  });

  it('starts a new change when another step was looked at in between', () => {
    const set = (value: string): EditorEvent => ({ type: 'set', id: 'say-1', field: 'text', value });
    const state = play(newEditor(GREETING), set('a'), { type: 'select', ids: ['menu-1'] }, { type: 'select', ids: ['say-1'] }, set('b'));
    expect(play(state, { type: 'undo' }).graph.steps[0]?.settings).toEqual({ text: 'a' });
  });

  it('is closed forwards by a new change', () => {
    const state = play(newEditor(EMPTY), { type: 'add', step: step('say-1') }, { type: 'undo' }, { type: 'add', step: step('say-2') });
    expect(play(state, { type: 'redo' })).toBe(state);
  });

  it('has no entry for what changed nothing', () => {
    const state = play(
      newEditor(GREETING),
      { type: 'move', places: new Map([['say-1', { x: 0, y: 0 }]]) },
      { type: 'set', id: 'menu-1', field: 'keys', value: GREETING.steps[1]?.settings.keys },
      { type: 'start', id: 'say-1' },
      { type: 'disconnect', links: [{ from: 'say-1', exit: 'other' }] },
      { type: 'paste', fragment: EMPTY },
    );
    expect(state.past).toEqual([]);
  });

  it('is not longer than its cap', () => {
    const many = Array.from({ length: MAX_UNDO + 5 }, (_, index): EditorEvent => ({ type: 'move', places: new Map([['say-1', { x: index + 1, y: 0 }]]) }));
    expect(play(newEditor(GREETING), ...many).past).toHaveLength(MAX_UNDO);
  });

  it('forgets the chosen steps that are no more', () => {
    const state = play(newEditor(GREETING), { type: 'add', step: step('say-2') }, { type: 'undo' });
    expect(state.selected).toEqual([]);
  });
});

it('steps are walked as a call meets them, what no call meets comes last', () => {
  const graph: Graph = { ...GREETING, steps: [step('say-9'), ...GREETING.steps] };
  expect(walk(graph, exitsOf).map((one) => one.id)).toEqual(['say-1', 'menu-1', 'hangup-1', 'say-9']);
});
