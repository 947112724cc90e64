/** Crossed thresholds as a list, newest first; which of them are new to the person in front of the page. */
import type { Alert, BoardQueue } from './model';

export interface BoardAlert extends Alert {
  /** Stays the same while the threshold stays crossed. */
  readonly id: string;
  readonly queue: BoardQueue;
}

export function alertsOf(queues: Iterable<BoardQueue>): BoardAlert[] {
  const found: BoardAlert[] = [];
  for (const queue of queues) for (const one of queue.alerts) found.push({ ...one, id: `${queue.id} ${one.measure} ${one.since}`, queue });
  return found.sort((a, b) => Date.parse(b.since) - Date.parse(a.since) || (a.id < b.id ? -1 : 1));
}

/** What is there now and was not before. What the page finds when it opens is shown, not rung. */
export function newAlerts(before: ReadonlySet<string> | null, now: readonly BoardAlert[]): readonly BoardAlert[] {
  return before === null ? [] : now.filter((one) => !before.has(one.id));
}
