import { describe, expect, it } from 'vitest';
import { EMPTY, type ExitsOf, type Graph, type Step } from './graph';
import { STEP_WIDTH, arrange, heightOf, placeBeside } from './layout';

const exitsOf: ExitsOf = (step) => step.settings.exits as string[];
const step = (id: string, ...exits: string[]): Step => ({ id, kind: 'say', name: '', settings: { exits }, x: 7, y: 7 });

function graph(tree: Readonly<Record<string, readonly string[]>>, start: string): Graph {
  return {
    start,
    steps: Object.entries(tree).map(([id, targets]) => step(id, ...targets)),
    links: Object.entries(tree).flatMap(([from, targets]) => targets.map((to) => ({ from, exit: to, to }))),
  };
}

const place = (arranged: Graph, id: string): Step => {
  const found = arranged.steps.find((one) => one.id === id);
  if (found === undefined) throw new Error(id);
  return found;
};

const overlap = (a: Step, b: Step): boolean =>
  a.x < b.x + STEP_WIDTH && b.x < a.x + STEP_WIDTH && a.y < b.y + heightOf(exitsOf(b).length) && b.y < a.y + heightOf(exitsOf(a).length);

describe('arranged steps', () => {
  const FLOW = graph({ hours: ['menu', 'closed'], menu: ['billing', 'help', 'menu', 'closed'], billing: ['rate'], help: ['rate'], closed: [], rate: [], lonely: [] }, 'hours');

  it('stand right of every step that leads to them, links back left aside', () => {
    const arranged = arrange(FLOW, exitsOf);
    for (const { from, to } of FLOW.links.filter((one) => one.from !== one.to)) expect(place(arranged, to).x).toBeGreaterThan(place(arranged, from).x);
    expect(place(arranged, 'hours').x).toBe(0);
  });

  it('do not lie on each other', () => {
    const { steps } = arrange(FLOW, exitsOf);
    const pairs = steps.flatMap((a, index) => steps.slice(index + 1).map((b) => [a, b] as const));
    expect(pairs.filter(([a, b]) => overlap(a, b))).toEqual([]);
  });

  it('keep the order of the exits that lead to them', () => {
    const arranged = arrange(graph({ menu: ['one', 'two', 'three'], one: [], two: [], three: [] }, 'menu'), exitsOf);
    const ys = ['one', 'two', 'three'].map((id) => place(arranged, id).y);
    expect(ys).toEqual(ys.toSorted((a, b) => a - b));
  });

  it('stand in a circle without a way out of it', () => {
    const arranged = arrange(graph({ a: ['b'], b: ['c'], c: ['a'] }, 'a'), exitsOf);
    expect(['a', 'b', 'c'].map((id) => place(arranged, id).x / (STEP_WIDTH + 88))).toEqual([0, 1, 2]);
  });

  it('may be none', () => {
    expect(arrange(EMPTY, exitsOf)).toEqual(EMPTY);
  });
});

it('a new step stands free beside the one it follows', () => {
  const arranged = arrange(graph({ menu: ['one', 'two'], one: [], two: [] }, 'menu'), exitsOf);
  const fresh = { ...step('three'), ...placeBeside(arranged, 'menu', exitsOf) };
  expect(fresh.x).toBe(STEP_WIDTH + 88);
  expect(arranged.steps.filter((one) => overlap(one, fresh))).toEqual([]);
});
