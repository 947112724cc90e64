/**
 * A call that is played by hand: what the server's simulator wants next, and what it is told.
 *
 * The server plays the whole call anew each time; here stand the events so far. Pure.
 */
import type { Flow } from './flow';

export interface Trail {
  readonly steps: ReadonlySet<string>;
  /** `source exit` */
  readonly edges: ReadonlySet<string>;
  readonly current: string | null;
}

export const NO_TRAIL: Trail = { steps: new Set(), edges: new Set(), current: null };

/** The steps of the call in their order, with every edge that could have led from one to the next. */
export function trailOf(flow: Flow, path: readonly string[], current: string | null): Trail {
  const edges = new Set<string>();
  path.forEach((id, index) => {
    const before = path[index - 1];
    for (const one of flow.edges) if (one.source === before && one.target === id) edges.add(`${one.source} ${one.exit}`);
  });
  return { steps: new Set(path), edges, current };
}

export type Told =
  | { readonly kind: 'begin' }
  | { readonly kind: 'started' | 'no_input' | 'connected' | 'finished' | 'failed'; readonly id: number }
  | { readonly kind: 'played'; readonly id: number; readonly digit: string }
  | { readonly kind: 'digits'; readonly id: number; readonly digits: string }
  | { readonly kind: 'queue_left'; readonly id: number; readonly how: LeftHow; readonly target: string }
  | { readonly kind: 'callback_offered'; readonly id: number; readonly expected_seconds: number | null }
  | { readonly kind: 'transfer_failed'; readonly id: number; readonly how: 'busy' | 'no_answer' | 'failed' }
  | { readonly kind: 'recorded'; readonly id: number; readonly seconds: number }
  | { readonly kind: 'callback_ordered'; readonly id: number; readonly ok: boolean }
  | { readonly kind: 'found'; readonly id: number; readonly customer_id: string | null; readonly name: string; readonly language: string; readonly failed: boolean }
  | { readonly kind: 'hours_are'; readonly id: number; readonly state: 'open' | 'closed' | 'holiday' }
  | { readonly kind: 'http_answered'; readonly id: number; readonly status: number; readonly body: unknown }
  | { readonly kind: 'http_failed'; readonly id: number; readonly reason: string }
  | { readonly kind: 'call_ended' };

export const LEFT_HOW = ['overflow', 'closed', 'no_operator', 'voicemail', 'hang_up', 'failed'] as const;
export type LeftHow = (typeof LEFT_HOW)[number];

export interface Timed {
  readonly at: number;
  readonly event: Told;
}

/** A command that waits for its answer, as far as the desk looks into it. */
export interface Waiting {
  readonly kind: string;
  readonly id: number;
}

/** What needs no hand: the call is taken, and what is said is said to its end. */
export function automatic(waiting: readonly Waiting[], { silent }: { readonly silent: boolean }): Told | null {
  for (const one of waiting) {
    if (one.kind === 'answer') return { kind: 'started', id: one.id };
    if (one.kind === 'play' && silent) return { kind: 'played', id: one.id, digit: '' };
  }
  return null;
}

/** Seconds between two events of a call that is played by hand: less than any time-out, so that none runs out unasked. */
const PACE = 1;

export function tell(events: readonly Timed[], event: Told): readonly Timed[] {
  return [...events, { at: (events.at(-1)?.at ?? -PACE) + PACE, event }];
}

/** The last thing that a person did is taken back, with what followed of itself. */
export function takeBack(events: readonly Timed[]): readonly Timed[] {
  const byHand = events.findLastIndex((one) => !['begin', 'started', 'played'].includes(one.event.kind));
  return byHand < 0 ? [] : events.slice(0, byHand);
}
