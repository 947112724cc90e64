/** What the page has seen of the day: a point a minute, so that a curve stands beside the figures. Pure but for the store. */
import type { Totals } from './trouble';

export interface Point {
  /** Minutes since 1970. */
  readonly minute: number;
  readonly waiting: number;
  /** Share; null while nothing was offered. */
  readonly service_level: number | null;
}

export const MAX_POINTS = 24 * 60; // a day of minutes
const DAY_MINUTES = 24 * 60;

/** Within one minute the worst is kept: most who waited, and the level as it stands at last. */
export function addPoint(points: readonly Point[], seconds: number, totals: Pick<Totals, 'waiting' | 'service_level'>): readonly Point[] {
  const minute = Math.floor(seconds / 60);
  const last = points.at(-1);
  if (last?.minute === minute) {
    if (last.waiting >= totals.waiting && last.service_level === totals.service_level) return points;
    return [...points.slice(0, -1), { minute, waiting: Math.max(last.waiting, totals.waiting), service_level: totals.service_level }];
  }
  const kept = points.filter((one) => one.minute > minute - DAY_MINUTES && one.minute < minute);
  return [...kept, { minute, waiting: totals.waiting, service_level: totals.service_level }].slice(-MAX_POINTS);
}

const key = (scope: string): string => `centrala.board.day.${scope}`;

const isPoint = (value: unknown): value is Point => {
  if (typeof value !== 'object' || value === null) return false;
  const { minute, waiting, service_level } = value as Record<string, unknown>;
  return typeof minute === 'number' && typeof waiting === 'number' && (service_level === null || typeof service_level === 'number');
};

/** Survives a reload of the page, not the end of the browser's tab. */
export function readPoints(scope: string): readonly Point[] {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key(scope)) ?? '[]') as unknown;
    return Array.isArray(kept) ? kept.filter(isPoint) : [];
  } catch {
    return [];
  }
}

export function keepPoints(scope: string, points: readonly Point[]): void {
  try {
    sessionStorage.setItem(key(scope), JSON.stringify(points));
  } catch {
    // The browser's store is full: the curve then begins anew after a reload.
  }
}
