import { describe, expect, it } from 'vitest';
import { EMPTY_FLOW, type Flow, type Step } from './flow';
import { exitsOf } from './exits';
import { COLUMN_GAP, STEP_WIDTH, arrange, heightOf, placeBeside } from './layout';

const step = (id: string, ways: number): Step => ({
  kind: 'test',
  id,
  label: '',
  x: 7,
  y: 7,
  cases: Array.from({ length: ways }, (_, index) => ({ id: `${index}`, label: '', match: 'all', conditions: [] })),
});

function flow(tree: Readonly<Record<string, readonly string[]>>, start: string): Flow {
  return {
    ...EMPTY_FLOW,
    start,
    nodes: Object.entries(tree).map(([id, targets]) => step(id, targets.length)),
    edges: Object.entries(tree).flatMap(([source, targets]) => targets.map((target, index) => ({ source, exit: `case:${index}`, target }))),
  };
}

const place = (arranged: Flow, id: string): Step => {
  const found = arranged.nodes.find((one) => one.id === id);
  if (found === undefined) throw new Error(id);
  return found;
};

const overlap = (a: Step, b: Step): boolean =>
  a.x < b.x + STEP_WIDTH && b.x < a.x + STEP_WIDTH && a.y < b.y + heightOf(exitsOf(b).length) && b.y < a.y + heightOf(exitsOf(a).length);

describe('arranged steps', () => {
  const FLOW = flow({ hours: ['menu', 'closed'], menu: ['billing', 'help', 'menu', 'closed'], billing: ['rate'], help: ['rate'], closed: [], rate: [], lonely: [] }, 'hours');

  it('stand right of every step that leads to them, links back left aside', () => {
    const arranged = arrange(FLOW, exitsOf);
    for (const { source, target } of FLOW.edges.filter((one) => one.source !== one.target)) expect(place(arranged, target).x).toBeGreaterThan(place(arranged, source).x);
    expect(place(arranged, 'hours').x).toBe(0);
  });

  it('do not lie on each other', () => {
    const { nodes: steps } = arrange(FLOW, exitsOf);
    const pairs = steps.flatMap((a, index) => steps.slice(index + 1).map((b) => [a, b] as const));
    expect(pairs.filter(([a, b]) => overlap(a, b))).toEqual([]);
  });

  it('keep the order of the exits that lead to them', () => {
    const arranged = arrange(flow({ menu: ['one', 'two', 'three'], one: [], two: [], three: [] }, 'menu'), exitsOf);
    const ys = ['one', 'two', 'three'].map((id) => place(arranged, id).y);
    expect(ys).toEqual(ys.toSorted((a, b) => a - b));
  });

  it('stand in a circle without a way out of it', () => {
    const arranged = arrange(flow({ a: ['b'], b: ['c'], c: ['a'] }, 'a'), exitsOf);
    expect(['a', 'b', 'c'].map((id) => place(arranged, id).x / (STEP_WIDTH + COLUMN_GAP))).toEqual([0, 1, 2]);
  });

  it('may be none', () => {
    expect(arrange(EMPTY_FLOW, exitsOf)).toEqual(EMPTY_FLOW);
  });
});

it('a new step stands free beside the one it follows', () => {
  const arranged = arrange(flow({ menu: ['one', 'two'], one: [], two: [] }, 'menu'), exitsOf);
  const fresh = { ...step('three', 2), ...placeBeside(arranged, 'menu') };
  expect(fresh.x).toBe(STEP_WIDTH + COLUMN_GAP);
  expect(arranged.nodes.filter((one) => overlap(one, fresh))).toEqual([]);
});
