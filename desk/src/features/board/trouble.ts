/** What needs somebody first. Thresholds are each queue's own: the server says which are crossed, here stands only the order. */
import type { Tone } from '@/shared/ui/bits';
import type { BoardQueue, Measure } from './model';

export type Level = 'bad' | 'watch' | 'calm' | 'closed';

export const LEVEL_TONES: Readonly<Record<Level, Tone>> = { bad: 'bad', watch: 'warn', calm: 'good', closed: 'plain' };

/** Crossed thresholds that hurt customers right now weigh more than those about the day. */
const WEIGHT: Readonly<Record<Measure, number>> = { longest_wait: 5, waiting: 4, free: 3, service_level: 2, abandoned: 1 };
/** From this share of a limit on a figure is worth a look before it is an alarm. */
export const NEAR = 0.75;

export const alertOf = (queue: BoardQueue, measure: Measure) => queue.alerts.find((one) => one.measure === measure);

/** Seconds that somebody waits; `now` in seconds of the server's clock. */
export function longestWait(queue: BoardQueue, now: number): number {
  return queue.longest_since === null ? 0 : Math.max(0, now - Date.parse(queue.longest_since) / 1000);
}

/** Of one figure: crossed, close to the service target, or fine. */
export function levelOf(queue: BoardQueue, measure: Measure, now: number): Level {
  if (alertOf(queue, measure) !== undefined) return 'bad';
  if (measure === 'longest_wait' && longestWait(queue, now) >= queue.target * NEAR) return 'watch';
  if (measure === 'free' && queue.waiting > 0 && queue.ready === 0) return 'watch';
  return 'calm';
}

export function levelOfQueue(queue: BoardQueue, now: number): Level {
  if (queue.alerts.length > 0) return 'bad';
  if (longestWait(queue, now) >= queue.target * NEAR || (queue.waiting > 0 && queue.ready === 0)) return 'watch';
  return queue.open ? 'calm' : 'closed';
}

const ORDER: Readonly<Record<Level, number>> = { bad: 3, watch: 2, calm: 1, closed: 0 };

function weight(queue: BoardQueue): number {
  return queue.alerts.reduce((sum, one) => sum + 10 ** WEIGHT[one.measure], 0);
}

/** Worst first; equals by how long somebody waits against the target, then by name, so that a calm board stands still. */
export function byTrouble(queues: Iterable<BoardQueue>, now: number, compare: (a: string, b: string) => number): BoardQueue[] {
  const late = (queue: BoardQueue) => Math.floor(longestWait(queue, now) / queue.target);
  return [...queues].sort(
    (a, b) => ORDER[levelOfQueue(b, now)] - ORDER[levelOfQueue(a, now)] || weight(b) - weight(a) || late(b) - late(a) || compare(a.name, b.name) || compare(a.id, b.id),
  );
}

export interface Totals {
  readonly waiting: number;
  /** The moment since when the one who waits longest waits. */
  readonly longest_since: string | null;
  /** Share; of all contacts of the day, by each queue's own target. */
  readonly service_level: number | null;
  readonly offered: number;
  readonly answered: number;
  readonly abandoned: number;
  readonly level: Level;
}

export function totalsOf(queues: readonly BoardQueue[], now: number): Totals {
  const sum = (read: (queue: BoardQueue) => number) => queues.reduce((total, queue) => total + read(queue), 0);
  const judged = queues.filter((one) => one.service_level !== null);
  const counted = judged.reduce((total, one) => total + Math.max(0, one.offered - one.short), 0);
  const inTime = judged.reduce((total, one) => total + (one.service_level ?? 0) * Math.max(0, one.offered - one.short), 0);
  const waits = queues.flatMap((one) => (one.longest_since === null ? [] : [one.longest_since]));
  const levels = queues.map((one) => levelOfQueue(one, now));
  return {
    waiting: sum((one) => one.waiting),
    longest_since: waits.length === 0 ? null : waits.reduce((a, b) => (Date.parse(a) <= Date.parse(b) ? a : b)),
    service_level: counted === 0 ? null : inTime / counted,
    offered: sum((one) => one.offered),
    answered: sum((one) => one.answered),
    abandoned: sum((one) => one.abandoned),
    level: levels.includes('bad') ? 'bad' : levels.includes('watch') ? 'watch' : 'calm',
  };
}
