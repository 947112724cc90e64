/** Which project the wallboard shows at a moment; pure. */
import type { BoardQueue } from './model';

export const TURN_SECONDS = 20;

export interface Slide {
  readonly project_id: string;
  readonly queues: readonly BoardQueue[];
}

/** A slide a project, in the order of their names; projects without queues have none. */
export function slidesOf(queues: Iterable<BoardQueue>, nameOf: (projectId: string) => string, compare: (a: string, b: string) => number): Slide[] {
  const found = new Map<string, BoardQueue[]>();
  for (const one of queues) found.set(one.project_id, [...(found.get(one.project_id) ?? []), one]);
  return [...found].map(([project_id, own]) => ({ project_id, queues: own })).sort((a, b) => compare(nameOf(a.project_id), nameOf(b.project_id)) || compare(a.project_id, b.project_id));
}

/** `shift` is how far somebody has turned by hand. */
export function placeAt(seconds: number, count: number, shift: number): number {
  if (count === 0) return 0;
  const place = (Math.floor(seconds / TURN_SECONDS) + shift) % count;
  return place < 0 ? place + count : place;
}

/** Columns of a grid of `count` tiles that fills a screen of this shape, so that each tile is about half as high as wide. */
export function columnsFor(count: number, ratio: number): number {
  const WANTED = 1.9; // width to height of a tile
  let best = 1;
  let worst = Infinity;
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const shape = (ratio * Math.ceil(count / columns)) / columns;
    const off = Math.abs(Math.log(shape / WANTED));
    if (off < worst) [best, worst] = [columns, off];
  }
  return best;
}
