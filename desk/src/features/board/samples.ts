/** Queues and operators for tests. */
import type { BoardOperator, BoardQueue } from './model';

const QUEUE: BoardQueue = {
  id: 'q1', project_id: 'p1', name: 'Faults', open: true, waiting: 0, longest_since: null, expected_wait: 0, ready: 3, ringing: 0, talking: 0, wrap_up: 0, on_break: 0, paused: 0, signed_in: 3,
  offered: 0, answered: 0, abandoned: 0, short: 0, overflowed: 0, turned_away: 0, service_level: null, asa: null, target: 20, alerts: [],
};

const OPERATOR: BoardOperator = {
  id: 'o1', given_name: 'Ana', family_name: 'Rusu', state: 'ready', reason: '', since: '2026-11-22T11:00:00Z', until: null, present: true, contacts: [], queues: ['q1'], off: [], check_passed: null, check_at: null,
};

export const queue = (change: Partial<BoardQueue>): BoardQueue => ({ ...QUEUE, ...change });
export const operator = (change: Partial<BoardOperator>): BoardOperator => ({ ...OPERATOR, ...change });
