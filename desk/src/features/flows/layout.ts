/**
 * Where the steps stand when nobody has placed them: in columns by how far from the start they are, edges that lead back
 * left aside (the layered drawing of Sugiyama, Tagawa and Toda, 1981, without dummy steps). Pure.
 */
import type { Flow } from './flow';
import { drawnExits } from './exits';
import { targetOf, type ExitsOf, type Point } from './graph';

export const STEP_WIDTH = 216; // px, as in flows.module.css
const HEAD_HEIGHT = 62; // px: the title and the line under it
const EXIT_HEIGHT = 24; // px a named exit
export const COLUMN_GAP = 64; // px, room for the edges
const ROW_GAP = 40; // px
const SWEEPS = 4; // the order of the columns hardly changes after three

export const heightOf = (exits: number): number => HEAD_HEIGHT + exits * EXIT_HEIGHT;

type Targets = ReadonlyMap<string, readonly string[]>;

/** Edges of the flow in the order of the exits, without those that close a circle. */
function forward(flow: Flow, exitsOf: ExitsOf): Targets {
  const targets = new Map<string, string[]>();
  const state = new Map<string, 'open' | 'done'>();
  const all = new Map(
    flow.nodes.map((step) => [
      step.id,
      exitsOf(step).flatMap((exit) => {
        const to = targetOf(flow, step.id, exit);
        return to === null ? [] : [to];
      }),
    ]),
  );
  const visit = (id: string): void => {
    state.set(id, 'open');
    const kept: string[] = [];
    targets.set(id, kept);
    for (const to of all.get(id) ?? []) {
      if (state.get(to) === 'open' || kept.includes(to)) continue;
      kept.push(to);
      if (!state.has(to)) visit(to);
    }
    state.set(id, 'done');
  };
  if (flow.start !== null && all.has(flow.start)) visit(flow.start);
  for (const step of flow.nodes) if (!state.has(step.id)) visit(step.id);
  return targets;
}

/** The column of each step: one more than the farthest step that leads to it. */
function columnsOf(ids: readonly string[], targets: Targets): Map<string, number> {
  const entering = new Map(ids.map((id) => [id, 0]));
  for (const to of [...targets.values()].flat()) entering.set(to, (entering.get(to) ?? 0) + 1);
  const column = new Map(ids.map((id) => [id, 0]));
  const open = ids.filter((id) => entering.get(id) === 0);
  for (let id = open.shift(); id !== undefined; id = open.shift()) {
    for (const to of targets.get(id) ?? []) {
      column.set(to, Math.max(column.get(to) ?? 0, (column.get(id) ?? 0) + 1));
      const left = (entering.get(to) ?? 1) - 1;
      entering.set(to, left);
      if (left === 0) open.push(to);
    }
  }
  return column;
}

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

/** Puts each step near the middle of those that lead to it (in the order of their exits), and back. */
function order(layers: string[][], targets: Targets): void {
  const sources = new Map<string, (readonly [string, number])[]>();
  for (const [from, tos] of targets) {
    tos.forEach((to, index) => sources.set(to, [...(sources.get(to) ?? []), [from, index / tos.length]]));
  }
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const down = sweep % 2 === 0;
    const place = new Map(layers.flatMap((layer) => layer.map((id, index) => [id, index] as const)));
    for (const layer of down ? layers : layers.toReversed()) {
      const wish = new Map(
        layer.map((id, index) => {
          const above = (sources.get(id) ?? []).map(([other, shift]) => (place.get(other) ?? 0) + shift);
          const near = down ? above : (targets.get(id) ?? []).map((other) => place.get(other) ?? 0);
          return [id, near.length === 0 ? index : mean(near)];
        }),
      );
      layer.sort((a, b) => (wish.get(a) ?? 0) - (wish.get(b) ?? 0));
      layer.forEach((id, index) => place.set(id, index));
    }
  }
}

export function arrange(flow: Flow, exitsOf: ExitsOf): Flow {
  const targets = forward(flow, exitsOf);
  const ids = [...targets.keys()];
  const column = columnsOf(ids, targets);
  const layers: string[][] = Array.from({ length: Math.max(0, ...column.values()) + 1 }, () => []);
  for (const id of ids) layers[column.get(id) ?? 0]?.push(id);
  order(layers, targets);
  const height = new Map(flow.nodes.map((step) => [step.id, heightOf(drawnExits(flow, step, false).length)]));
  const places = new Map<string, Point>();
  layers.forEach((layer, index) => {
    const total = layer.reduce((sum, id) => sum + (height.get(id) ?? 0) + ROW_GAP, -ROW_GAP);
    let y = -Math.round(total / 2);
    for (const id of layer) {
      places.set(id, { x: index * (STEP_WIDTH + COLUMN_GAP), y });
      y += (height.get(id) ?? 0) + ROW_GAP;
    }
  });
  return { ...flow, nodes: flow.nodes.map((step) => ({ ...step, ...places.get(step.id) })) };
}

/** A free place for a new step: right of the one that leads to it, below whatever stands there. */
export function placeBeside(flow: Flow, beside: string | null): Point {
  const from = flow.nodes.find((one) => one.id === beside) ?? flow.nodes.at(-1);
  if (from === undefined) return { x: 0, y: 0 };
  const x = from.x + STEP_WIDTH + COLUMN_GAP;
  const near = flow.nodes.filter((one) => Math.abs(one.x - x) < STEP_WIDTH);
  let y = from.y;
  for (const one of near.toSorted((a, b) => a.y - b.y)) {
    const bottom = one.y + heightOf(drawnExits(flow, one, false).length) + ROW_GAP;
    if (one.y < y + heightOf(3) && bottom > y) y = bottom;
  }
  return { x, y };
}
