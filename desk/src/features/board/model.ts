/** What the board shows, as the server sends it. */
export const MEASURES = ['waiting', 'longest_wait', 'service_level', 'abandoned', 'free'] as const;
export type Measure = (typeof MEASURES)[number];
export const OPERATOR_STATES = ['ready', 'ringing', 'talking', 'wrap_up', 'break', 'paused', 'absent', 'off'] as const;
/** What an operator is seen as: the asked state together with what they hold. */
export type Shown = (typeof OPERATOR_STATES)[number];

export const CHANNELS = ['voice', 'video', 'chat', 'message', 'mail'] as const;
export type Channel = (typeof CHANNELS)[number];

export interface Alert {
  readonly measure: Measure;
  readonly value: number;
  readonly threshold: number;
  readonly since: string;
}

export interface BoardQueue {
  readonly id: string;
  readonly project_id: string;
  readonly name: string;
  readonly open: boolean;
  readonly waiting: number;
  readonly longest_since: string | null;
  readonly expected_wait: number | null;
  readonly ready: number;
  readonly ringing: number;
  readonly talking: number;
  readonly wrap_up: number;
  readonly on_break: number;
  readonly paused: number;
  readonly signed_in: number;
  readonly offered: number;
  readonly answered: number;
  readonly abandoned: number;
  readonly short: number;
  readonly overflowed: number;
  readonly turned_away: number;
  readonly service_level: number | null;
  readonly asa: number | null;
  readonly target: number;
  readonly alerts: readonly Alert[];
}

export interface BoardContact {
  readonly interaction_id: string | null;
  readonly queue_id: string | null;
  readonly channel: string;
  readonly state: 'ringing' | 'active' | 'wrap_up';
  readonly since: string;
  readonly until: string | null;
}

export interface BoardOperator {
  readonly id: string;
  readonly given_name: string;
  readonly family_name: string;
  readonly state: 'off' | 'ready' | 'break' | 'paused';
  readonly reason: string;
  readonly since: string | null;
  readonly until: string | null;
  readonly present: boolean;
  readonly contacts: readonly BoardContact[];
  readonly queues: readonly string[];
  /** Channels that they may take and have switched off. */
  readonly off: readonly Channel[];
  readonly check_passed: boolean | null;
  readonly check_at: string | null;
}

/** The one contact that says most about what the operator does now. */
export function contactOf(operator: BoardOperator): BoardContact | null {
  const rank = { active: 0, ringing: 1, wrap_up: 2 };
  return [...operator.contacts].sort((a, b) => rank[a.state] - rank[b.state])[0] ?? null;
}

export function shownState(operator: BoardOperator): Shown {
  const held = contactOf(operator);
  if (held !== null) return held.state === 'active' ? 'talking' : held.state;
  return operator.state === 'ready' && !operator.present ? 'absent' : operator.state;
}

/** Since when they are what they are seen as. */
export function shownSince(operator: BoardOperator): string | null {
  return contactOf(operator)?.since ?? operator.since;
}
