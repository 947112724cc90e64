// @vitest-environment jsdom
import { expect, it } from 'vitest';
import { alertsOf, newAlerts } from './alerts';
import { MAX_POINTS, addPoint, keepPoints, readPoints, type Point } from './history';
import { queue } from './samples';

const alert = (measure: 'waiting' | 'free', since: string) => ({ measure, value: 7, threshold: 5, since });
const [early, late] = ['2026-11-22T12:00:00Z', '2026-11-22T12:05:00Z'];

it('lists what is crossed, the newest first', () => {
  const found = alertsOf([queue({ id: 'q1', alerts: [alert('waiting', early)] }), queue({ id: 'q2', alerts: [alert('free', late)] }), queue({ id: 'q3' })]);
  expect(found.map((one) => one.queue.id)).toEqual(['q2', 'q1']);
});

it('rings for what is new, once, and again when it comes back', () => {
  const first = alertsOf([queue({ alerts: [alert('waiting', early)] })]);
  expect(newAlerts(null, first)).toEqual([]);
  const seen = new Set(first.map((one) => one.id));
  expect(newAlerts(seen, first)).toEqual([]);
  expect(newAlerts(seen, alertsOf([queue({ alerts: [{ ...alert('waiting', early), value: 9 }] })]))).toEqual([]);
  expect(newAlerts(seen, alertsOf([queue({ alerts: [alert('waiting', late)] })]))).toHaveLength(1);
});

it('keeps the worst of each minute and a day at most', () => {
  let points: readonly Point[] = [];
  points = addPoint(points, 60, { waiting: 2, service_level: 0.9 });
  points = addPoint(points, 80, { waiting: 5, service_level: 0.8 });
  points = addPoint(points, 119, { waiting: 1, service_level: 0.85 });
  expect(points).toEqual([{ minute: 1, waiting: 5, service_level: 0.85 }]);
  expect(addPoint(points, 119, { waiting: 1, service_level: 0.85 })).toBe(points);
  for (let minute = 2; minute < 2 * MAX_POINTS; minute++) points = addPoint(points, minute * 60, { waiting: 0, service_level: null });
  expect(points).toHaveLength(MAX_POINTS);
  expect(points.at(-1)?.minute).toBe(2 * MAX_POINTS - 1);
});

it('survives a reload, and a store that somebody has mangled', () => {
  const points = addPoint([], 600, { waiting: 3, service_level: null });
  keepPoints('p1', points);
  expect(readPoints('p1')).toEqual(points);
  expect(readPoints('p2')).toEqual([]);
  sessionStorage.setItem('centrala.board.day.p1', '[{"minute":"x"},3]');
  expect(readPoints('p1')).toEqual([]);
});
