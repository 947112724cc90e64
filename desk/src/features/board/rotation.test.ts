import { expect, it } from 'vitest';
import { TURN_SECONDS, columnsFor, placeAt, slidesOf } from './rotation';
import { queue } from './samples';

const names: Record<string, string> = { p1: 'Voltera', p2: 'Aqua', p3: 'Nordix' };
const compare = (a: string, b: string) => a.localeCompare(b);

it('gives each project a slide of its own', () => {
  const slides = slidesOf([queue({ id: 'a', project_id: 'p1' }), queue({ id: 'b', project_id: 'p2' }), queue({ id: 'c', project_id: 'p1' })], (id) => names[id] ?? '', compare);
  expect(slides.map((one) => [one.project_id, one.queues.map((two) => two.id).join('')])).toEqual([
    ['p2', 'b'],
    ['p1', 'ac'],
  ]);
});

it('turns by the clock and by hand, in a circle', () => {
  const start = 1000 * TURN_SECONDS * 3;
  expect([0, TURN_SECONDS - 1, TURN_SECONDS, 2 * TURN_SECONDS, 3 * TURN_SECONDS].map((passed) => placeAt(start + passed, 3, 0))).toEqual([0, 0, 1, 2, 0]);
  expect(placeAt(start, 3, -1)).toBe(2);
  expect(placeAt(start, 3, 4)).toBe(1);
  expect(placeAt(start, 0, 0)).toBe(0);
});

it('fills a wide screen with tiles of a readable shape', () => {
  const wide = 16 / 8.2;
  expect([1, 2, 3, 4, 6, 9, 12].map((count) => columnsFor(count, wide))).toEqual([1, 2, 2, 2, 3, 3, 4]);
});
