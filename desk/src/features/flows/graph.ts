/** Changes of a flow's drawing. Pure; what changes nothing gives back the very flow that it got. */
import type { Edge, Flow, Step } from './flow';

/** Exits of a step, in the order in which they are shown. */
export type ExitsOf = (step: Step) => readonly string[];

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const stepOf = (flow: Flow, id: string | null): Step | undefined => flow.nodes.find((one) => one.id === id);

export const targetOf = (flow: Flow, source: string, exit: string): string | null =>
  flow.edges.find((one) => one.source === source && one.exit === exit)?.target ?? null;

/** `menu-3`: short, told apart by eye, free in this flow. */
export function freshId(flow: Flow, kind: string, taken: ReadonlySet<string> = new Set()): string {
  for (let number = 1; ; number += 1) {
    const id = `${kind}-${number}`;
    if (!taken.has(id) && stepOf(flow, id) === undefined) return id;
  }
}

/** An exit leads to one step at most: the new edge takes the place of the old one. */
export function connect(flow: Flow, edge: Edge): Flow {
  if (stepOf(flow, edge.source) === undefined || stepOf(flow, edge.target) === undefined) return flow;
  if (targetOf(flow, edge.source, edge.exit) === edge.target) return flow;
  return { ...flow, edges: [...flow.edges.filter((one) => one.source !== edge.source || one.exit !== edge.exit), edge] };
}

export function disconnect(flow: Flow, source: string, exit: string): Flow {
  const edges = flow.edges.filter((one) => one.source !== source || one.exit !== exit);
  return edges.length === flow.edges.length ? flow : { ...flow, edges };
}

export function removeSteps(flow: Flow, ids: readonly string[]): Flow {
  const gone = new Set(ids);
  if (!flow.nodes.some((one) => gone.has(one.id))) return flow;
  const aim = (one: Step): Step => (one.kind === 'goto' && one.node !== null && gone.has(one.node) ? { ...one, node: null } : one);
  return {
    ...flow,
    start: flow.start !== null && gone.has(flow.start) ? null : flow.start,
    nodes: flow.nodes.filter((one) => !gone.has(one.id)).map(aim),
    edges: flow.edges.filter((one) => !gone.has(one.source) && !gone.has(one.target)),
  };
}

export function changeStep(flow: Flow, id: string, change: (step: Step) => Step): Flow {
  const step = stepOf(flow, id);
  const next = step === undefined ? undefined : change(step);
  if (next === undefined || next === step) return flow;
  return { ...flow, nodes: flow.nodes.map((one) => (one.id === id ? next : one)) };
}

export function renameExits(flow: Flow, id: string, names: ReadonlyMap<string, string>): Flow {
  return { ...flow, edges: flow.edges.map((one) => (one.source === id ? { ...one, exit: names.get(one.exit) ?? one.exit } : one)) };
}

/** Edges whose exit a step no longer has lead nowhere: they go with the exit. */
export function dropLostEdges(flow: Flow, exitsOf: ExitsOf): Flow {
  const exits = new Map(flow.nodes.map((one) => [one.id, new Set(exitsOf(one))]));
  const edges = flow.edges.filter((one) => exits.get(one.source)?.has(one.exit) === true && exits.has(one.target));
  return edges.length === flow.edges.length ? flow : { ...flow, edges };
}

/** The chosen steps with the edges among them: what a copy holds. */
export function fragmentOf(flow: Flow, ids: readonly string[]): Flow {
  const kept = new Set(ids);
  return {
    ...flow,
    start: null,
    nodes: flow.nodes.filter((one) => kept.has(one.id)),
    edges: flow.edges.filter((one) => kept.has(one.source) && kept.has(one.target)),
  };
}

const PASTE_SHIFT = 40; // px, so that a copy does not lie on what it was copied from

export function paste(flow: Flow, fragment: Flow): { readonly flow: Flow; readonly ids: readonly string[] } {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const step of fragment.nodes) {
    const id = freshId(flow, step.kind, taken);
    taken.add(id);
    names.set(step.id, id);
  }
  const renamed = (id: string): string => names.get(id) ?? id;
  const aim = (one: Step): Step => (one.kind === 'goto' && one.node !== null ? { ...one, node: renamed(one.node) } : one);
  const nodes = fragment.nodes.map((one): Step => ({ ...aim(one), id: renamed(one.id), x: one.x + PASTE_SHIFT, y: one.y + PASTE_SHIFT }));
  const edges = fragment.edges.map((one) => ({ ...one, source: renamed(one.source), target: renamed(one.target) }));
  const start = flow.start ?? nodes[0]?.id ?? null;
  return { flow: { ...flow, start, nodes: [...flow.nodes, ...nodes], edges: [...flow.edges, ...edges] }, ids: nodes.map((one) => one.id) };
}

/** Steps in the order in which a call can meet them: breadth first from the start, by the order of the exits; then the rest. */
export function walk(flow: Flow, exitsOf: ExitsOf): Step[] {
  const seen = new Set<string>();
  const order: Step[] = [];
  const visit = (first: string | null) => {
    const open = first === null ? [] : [first];
    for (let id = open.shift(); id !== undefined; id = open.shift()) {
      const step = stepOf(flow, id);
      if (step === undefined || seen.has(id)) continue;
      seen.add(id);
      order.push(step);
      if (step.kind === 'goto' && step.node !== null) open.push(step.node);
      for (const exit of exitsOf(step)) {
        const to = targetOf(flow, id, exit);
        if (to !== null) open.push(to);
      }
    }
  };
  visit(flow.start);
  for (const step of flow.nodes) visit(step.id);
  return order;
}
