/**
 * One reconnecting WebSocket without a socket and without a clock: inputs and `now` in, next state and effects out.
 * What is carried does not matter here; `heard` is told to the listener.
 */
import { SILENT_HEARTBEATS, backOff } from '@/shared/live/machine';

export type LinkPhase = 'idle' | 'connecting' | 'open' | 'waiting' | 'ended' | 'refused';

export interface LinkState {
  readonly phase: LinkPhase;
  /** Failed attempts in a row. */
  readonly attempts: number;
  /** Milliseconds; when to try again, or when silence means that the connection is dead. */
  readonly deadline: number | null;
  readonly heartbeatMs: number;
  /** Since when nothing comes (milliseconds); null while it does. */
  readonly lostSince: number | null;
}

export type LinkInput =
  | { readonly type: 'start' | 'stop' | 'opened' | 'network' | 'reset' }
  | { readonly type: 'heard'; readonly heartbeatMs?: number }
  /** `jitter` is 0..1, drawn by whoever calls. */
  | { readonly type: 'closed'; readonly code: number; readonly jitter: number }
  | { readonly type: 'tick'; readonly jitter: number };

export type LinkEffect = 'connect' | 'disconnect' | 'session-ended';

export type LinkStep = readonly [LinkState, readonly LinkEffect[]];

const DEFAULT_HEARTBEAT_MS = 15_000;
const CONNECT_MS = 10_000; // for a server that neither answers nor refuses
const CLOSE_SESSION_ENDED = 4401;
const CLOSE_FORBIDDEN = 4403;

export const initialLink: LinkState = { phase: 'idle', attempts: 0, deadline: null, heartbeatMs: DEFAULT_HEARTBEAT_MS, lostSince: null };

export function stepLink(state: LinkState, input: LinkInput, now: number): LinkStep {
  switch (input.type) {
    case 'start':
      return ['idle', 'ended', 'refused'].includes(state.phase) ? connect({ ...state, attempts: 0, lostSince: state.lostSince ?? now }, now) : [state, []];
    case 'stop':
      return [initialLink, ['disconnect']];
    case 'opened':
      return [{ ...state, phase: 'open', deadline: now + state.heartbeatMs * SILENT_HEARTBEATS }, []];
    case 'heard':
      return heard(state, input.heartbeatMs, now);
    case 'closed':
      return closed(state, input.code, input.jitter, now);
    case 'network':
      return state.phase === 'waiting' ? connect({ ...state, attempts: 0 }, now) : [state, []];
    case 'reset':
      return lost(state, 0, now, ['disconnect']);
    case 'tick':
      if (state.deadline === null || now < state.deadline) return [state, []];
      return state.phase === 'waiting' ? connect(state, now) : lost(state, input.jitter, now, ['disconnect']);
  }
}

function connect(state: LinkState, now: number): LinkStep {
  return [{ ...state, phase: 'connecting', deadline: now + CONNECT_MS }, ['connect']];
}

/** Only what is heard proves that the far end lives; an open socket alone does not. */
function heard(state: LinkState, heartbeatMs: number | undefined, now: number): LinkStep {
  if (state.phase !== 'open') return [state, []];
  const beat = heartbeatMs !== undefined && heartbeatMs > 0 ? heartbeatMs : state.heartbeatMs;
  return [{ ...state, attempts: 0, heartbeatMs: beat, lostSince: null, deadline: now + beat * SILENT_HEARTBEATS }, []];
}

function closed(state: LinkState, code: number, jitter: number, now: number): LinkStep {
  if (state.phase === 'idle' || state.phase === 'ended') return [state, []];
  if (code === CLOSE_SESSION_ENDED) return [{ ...state, phase: 'ended', deadline: null, lostSince: state.lostSince ?? now }, ['session-ended']];
  if (code === CLOSE_FORBIDDEN) return [{ ...state, phase: 'refused', deadline: null, lostSince: state.lostSince ?? now }, []];
  return lost(state, jitter, now, []);
}

function lost(state: LinkState, jitter: number, now: number, effects: readonly LinkEffect[]): LinkStep {
  return [{ ...state, phase: 'waiting', attempts: state.attempts + 1, deadline: now + backOff(state.attempts, jitter), lostSince: state.lostSince ?? now }, effects];
}
