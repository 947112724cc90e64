import type { Got, Row } from '@/shared/api/types';
import type { Tone } from '@/shared/ui/bits';

export type Call = Row<'/api/calls'>;
export type CallDetails = Got<'/api/calls/{call_id}'>;
export type Leg = CallDetails['legs'][number];
export type LiveCall = Row<'/api/calls/live'>;
export type Message = Got<'/api/calls/{call_id}/trace'>['messages'][number];
export type Cause = NonNullable<Call['cause']>;

export const CAUSES: readonly Cause[] = [
  'answered', 'busy', 'no_answer', 'unreachable', 'number_does_not_exist', 'number_changed', 'number_incomplete', 'refused', 'forbidden', 'no_route',
  'congestion', 'network_failure', 'media_timeout', 'incompatible', 'cancelled', 'answered_elsewhere', 'transferred', 'redirected', 'interrupted', 'time_limit',
];

/** Ours or the carrier's trouble is bad; what people did is plain. */
const TROUBLE: ReadonlySet<Cause> = new Set(['no_route', 'congestion', 'network_failure', 'media_timeout', 'incompatible', 'interrupted', 'forbidden']);

export function toneOf(cause: Cause | null): Tone {
  if (cause === null) return 'accent';
  if (cause === 'answered' || cause === 'transferred') return 'good';
  return TROUBLE.has(cause) ? 'bad' : 'plain';
}

/** Seconds as a clock shows them. */
export function clockTime(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (value: number) => String(value).padStart(2, '0');
  const rest = `${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
  return whole < 3600 ? rest : `${Math.floor(whole / 3600)}:${rest}`;
}
