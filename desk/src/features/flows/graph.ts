/** A flow as the editor holds it: steps on a plane, and which exit of a step leads to which other. Pure. */
export interface Step {
  readonly id: string;
  readonly kind: string;
  /** What people call it; empty: by its kind. */
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Pixels of the plane, the left upper corner of the step. */
  readonly x: number;
  readonly y: number;
}

export interface Link {
  readonly from: string;
  readonly exit: string;
  readonly to: string;
}

export interface Graph {
  readonly start: string | null;
  readonly steps: readonly Step[];
  readonly links: readonly Link[];
}

export const EMPTY: Graph = { start: null, steps: [], links: [] };

/** Exits of a step, in the order in which they are shown. */
export type ExitsOf = (step: Step) => readonly string[];

export const stepOf = (graph: Graph, id: string): Step | undefined => graph.steps.find((one) => one.id === id);

export const targetOf = (graph: Graph, from: string, exit: string): string | null =>
  graph.links.find((one) => one.from === from && one.exit === exit)?.to ?? null;

/** `menu-3`: short, told apart by eye, free in this graph. */
export function freshId(graph: Graph, kind: string, taken: ReadonlySet<string> = new Set()): string {
  for (let number = 1; ; number += 1) {
    const id = `${kind}-${number}`;
    if (!taken.has(id) && stepOf(graph, id) === undefined) return id;
  }
}

/** An exit leads to one step at most: the new link takes the place of the old one. */
export function connect(graph: Graph, link: Link): Graph {
  if (stepOf(graph, link.from) === undefined || stepOf(graph, link.to) === undefined) return graph;
  if (targetOf(graph, link.from, link.exit) === link.to) return graph;
  const rest = graph.links.filter((one) => one.from !== link.from || one.exit !== link.exit);
  return { ...graph, links: [...rest, link] };
}

export function disconnect(graph: Graph, from: string, exit: string): Graph {
  const links = graph.links.filter((one) => one.from !== from || one.exit !== exit);
  return links.length === graph.links.length ? graph : { ...graph, links };
}

export function removeSteps(graph: Graph, ids: readonly string[]): Graph {
  const gone = new Set(ids);
  if (!graph.steps.some((one) => gone.has(one.id))) return graph;
  return {
    start: graph.start !== null && gone.has(graph.start) ? null : graph.start,
    steps: graph.steps.filter((one) => !gone.has(one.id)),
    links: graph.links.filter((one) => !gone.has(one.from) && !gone.has(one.to)),
  };
}

export function changeStep(graph: Graph, id: string, change: (step: Step) => Step): Graph {
  const step = stepOf(graph, id);
  const next = step === undefined ? undefined : change(step);
  if (next === undefined || next === step) return graph;
  return { ...graph, steps: graph.steps.map((one) => (one.id === id ? next : one)) };
}

export function renameExits(graph: Graph, id: string, names: ReadonlyMap<string, string>): Graph {
  return { ...graph, links: graph.links.map((one) => (one.from === id ? { ...one, exit: names.get(one.exit) ?? one.exit } : one)) };
}

/** Links whose exit a step no longer has lead nowhere: they go with the exit. */
export function dropLostLinks(graph: Graph, exitsOf: ExitsOf): Graph {
  const exits = new Map(graph.steps.map((one) => [one.id, new Set(exitsOf(one))]));
  const links = graph.links.filter((one) => exits.get(one.from)?.has(one.exit) === true && exits.has(one.to));
  return links.length === graph.links.length ? graph : { ...graph, links };
}

/** The chosen steps with the links among them: what a copy holds. */
export function fragmentOf(graph: Graph, ids: readonly string[]): Graph {
  const kept = new Set(ids);
  return {
    start: null,
    steps: graph.steps.filter((one) => kept.has(one.id)),
    links: graph.links.filter((one) => kept.has(one.from) && kept.has(one.to)),
  };
}

const PASTE_SHIFT = 40; // px, so that a copy does not lie on what it was copied from

export interface Pasted {
  readonly graph: Graph;
  readonly ids: readonly string[];
}

export function paste(graph: Graph, fragment: Graph): Pasted {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const step of fragment.steps) {
    const id = freshId(graph, step.kind, taken);
    taken.add(id);
    names.set(step.id, id);
  }
  const renamed = (id: string): string => names.get(id) ?? id;
  const steps = fragment.steps.map((one) => ({ ...one, id: renamed(one.id), x: one.x + PASTE_SHIFT, y: one.y + PASTE_SHIFT }));
  const links = fragment.links.map((one) => ({ ...one, from: renamed(one.from), to: renamed(one.to) }));
  return {
    graph: { ...graph, steps: [...graph.steps, ...steps], links: [...graph.links, ...links] },
    ids: steps.map((one) => one.id),
  };
}

/** Steps in the order in which a call can meet them: breadth first from the start, by the order of the exits; then the rest. */
export function walk(graph: Graph, exitsOf: ExitsOf): Step[] {
  const seen = new Set<string>();
  const order: Step[] = [];
  const visit = (first: string | null) => {
    const open = first === null ? [] : [first];
    for (let id = open.shift(); id !== undefined; id = open.shift()) {
      const step = stepOf(graph, id);
      if (step === undefined || seen.has(id)) continue;
      seen.add(id);
      order.push(step);
      for (const exit of exitsOf(step)) {
        const to = targetOf(graph, id, exit);
        if (to !== null) open.push(to);
      }
    }
  };
  visit(graph.start);
  for (const step of graph.steps) visit(step.id);
  return order;
}
