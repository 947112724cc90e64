/**
 * The live feed without a socket and without a clock: inputs and `now` in, next state and effects out.
 *
 * A topic is a snapshot plus the events that the server committed after it. After a lost connection the desk asks for
 * what came after its last position; the server answers with those events or, when that is too long ago, with a fresh
 * snapshot. An event that this desk does not know makes it ask for a fresh snapshot.
 */
export interface LiveItem {
  readonly id: string;
  readonly [field: string]: unknown;
}

export interface Topic {
  /** How many parts of the page look at it. */
  readonly watchers: number;
  /** Position of the last thing applied; null until the first snapshot. */
  readonly position: number | null;
  readonly items: ReadonlyMap<string, LiveItem>;
  readonly refused: string | null;
}

export type Phase = 'idle' | 'connecting' | 'open' | 'waiting' | 'ended';

export interface LiveState {
  readonly phase: Phase;
  readonly topics: ReadonlyMap<string, Topic>;
  /** Failed attempts in a row. */
  readonly attempts: number;
  /** Milliseconds; when to try again, or when silence means that the connection is dead. */
  readonly deadline: number | null;
  readonly heartbeatMs: number;
  /** Since when there is no feed (milliseconds), null while there is one. */
  readonly lostSince: number | null;
}

export type LiveInput =
  | { readonly type: 'start' }
  /** Also forgets what was seen: the next start may be another person's, or another project's. */
  | { readonly type: 'stop' }
  | { readonly type: 'opened' }
  /** `jitter` is 0..1, drawn by whoever calls. */
  | { readonly type: 'closed'; readonly code: number; readonly jitter: number }
  | { readonly type: 'message'; readonly message: unknown; readonly jitter: number }
  | { readonly type: 'tick'; readonly jitter: number }
  /** The browser says that the network is back. */
  | { readonly type: 'network' }
  | { readonly type: 'watch'; readonly topic: string }
  | { readonly type: 'unwatch'; readonly topic: string };

export type LiveEffect =
  | { readonly type: 'connect' }
  | { readonly type: 'disconnect' }
  | { readonly type: 'send'; readonly message: Readonly<Record<string, unknown>> }
  | { readonly type: 'session-ended' }
  | { readonly type: 'changed'; readonly topic: string; readonly id: string | null };

export type Step = readonly [LiveState, readonly LiveEffect[]];

export const FIRST_DELAY_MS = 500;
export const MAX_DELAY_MS = 15_000;
/** Two heartbeats may be late; after that the connection is dead although nothing closed it. */
export const SILENT_HEARTBEATS = 2.5;
const DEFAULT_HEARTBEAT_MS = 15_000;
const CLOSE_SESSION_ENDED = 4401;

export const initialLiveState: LiveState = {
  phase: 'idle',
  topics: new Map(),
  attempts: 0,
  deadline: null,
  heartbeatMs: DEFAULT_HEARTBEAT_MS,
  lostSince: null,
};

const emptyTopic: Topic = { watchers: 0, position: null, items: new Map(), refused: null };

/** 0.5 s, 1 s, 2 s ... 15 s, each up to a quarter longer so that two hundred desks do not come back at once. */
export function backOff(attempts: number, jitter: number): number {
  return Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempts, 10)) * (1 + jitter / 4);
}

export function step(state: LiveState, input: LiveInput, now: number): Step {
  switch (input.type) {
    case 'start':
      return state.phase === 'idle' || state.phase === 'ended' ? connect({ ...state, lostSince: now }) : [state, []];
    case 'stop':
      return [forget(state), [{ type: 'disconnect' }]];
    case 'opened':
      return opened(state, now);
    case 'closed':
      return closed(state, input.code, input.jitter, now);
    case 'message':
      return received({ ...state, deadline: silence(state, now) }, input.message, input.jitter, now);
    case 'tick':
      return tick(state, input.jitter, now);
    case 'network':
      return state.phase === 'waiting' ? connect({ ...state, attempts: 0 }) : [state, []];
    case 'watch':
      return watch(state, input.topic);
    case 'unwatch':
      return unwatch(state, input.topic);
  }
}

function forget(state: LiveState): LiveState {
  const topics = [...state.topics].map(([name, topic]) => [name, { ...emptyTopic, watchers: topic.watchers }] as const);
  return { ...initialLiveState, topics: new Map(topics) };
}

const silence = (state: LiveState, now: number): number => now + state.heartbeatMs * SILENT_HEARTBEATS;

function connect(state: LiveState): Step {
  return [{ ...state, phase: 'connecting', deadline: null }, [{ type: 'connect' }]];
}

function subscription(topic: string, after: number | null): LiveEffect {
  return { type: 'send', message: { type: 'subscribe', topic, after } };
}

function opened(state: LiveState, now: number): Step {
  const next: LiveState = { ...state, phase: 'open', attempts: 0, deadline: silence(state, now), lostSince: null };
  return [next, [...state.topics].map(([name, topic]) => subscription(name, topic.position))];
}

function closed(state: LiveState, code: number, jitter: number, now: number): Step {
  if (state.phase === 'idle' || state.phase === 'ended') return [state, []];
  const lostSince = state.lostSince ?? now;
  if (code === CLOSE_SESSION_ENDED) {
    return [{ ...state, phase: 'ended', deadline: null, lostSince }, [{ type: 'session-ended' }]];
  }
  const deadline = now + backOff(state.attempts, jitter);
  return [{ ...state, phase: 'waiting', attempts: state.attempts + 1, deadline, lostSince }, []];
}

function tick(state: LiveState, jitter: number, now: number): Step {
  if (state.deadline === null || now < state.deadline) return [state, []];
  if (state.phase === 'waiting') return connect(state);
  if (state.phase !== 'open') return [state, []];
  const [next] = closed(state, 0, jitter, now);
  return [next, [{ type: 'disconnect' }]];
}

function watch(state: LiveState, name: string): Step {
  const topic = state.topics.get(name) ?? emptyTopic;
  const next = put(state, name, { ...topic, watchers: topic.watchers + 1 });
  return [next, topic.watchers === 0 && state.phase === 'open' ? [subscription(name, topic.position)] : []];
}

function unwatch(state: LiveState, name: string): Step {
  const topic = state.topics.get(name);
  if (topic === undefined) return [state, []];
  if (topic.watchers > 1) return [put(state, name, { ...topic, watchers: topic.watchers - 1 }), []];
  const topics = new Map(state.topics);
  topics.delete(name);
  const effects: LiveEffect[] = state.phase === 'open' ? [{ type: 'send', message: { type: 'unsubscribe', topic: name } }] : [];
  return [{ ...state, topics }, effects];
}

function put(state: LiveState, name: string, topic: Topic): LiveState {
  return { ...state, topics: new Map(state.topics).set(name, topic) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isItem(value: unknown): value is LiveItem {
  return isRecord(value) && typeof value.id === 'string';
}

function received(state: LiveState, message: unknown, jitter: number, now: number): Step {
  if (!isRecord(message)) return [state, []];
  switch (message.type) {
    case 'hello': {
      const seconds = message.heartbeat_seconds;
      const next = { ...state, heartbeatMs: typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : DEFAULT_HEARTBEAT_MS };
      return [{ ...next, deadline: silence(next, now) }, []];
    }
    case 'ping':
      return [state, [{ type: 'send', message: { type: 'pong' } }]];
    case 'snapshot':
      return snapshot(state, message);
    case 'event':
      return event(state, message);
    case 'resumed':
      return resumed(state, message);
    case 'error':
      return refusal(state, message, jitter, now);
    default:
      // A newer server may say more than this desk understands.
      return [state, []];
  }
}

function snapshot(state: LiveState, message: Record<string, unknown>): Step {
  const name = String(message.topic);
  const topic = state.topics.get(name);
  if (topic === undefined || typeof message.position !== 'number' || !Array.isArray(message.items)) return [state, []];
  const items = new Map(message.items.filter(isItem).map((item) => [item.id, item] as const));
  const next = put(state, name, { ...topic, position: message.position, items, refused: null });
  return [next, [{ type: 'changed', topic: name, id: null }]];
}

function event(state: LiveState, message: Record<string, unknown>): Step {
  const name = String(message.topic);
  const topic = state.topics.get(name);
  if (topic === undefined || typeof message.position !== 'number') return [state, []];
  // Before the snapshot has come, and what it already holds.
  if (topic.position === null || message.position <= topic.position) return [state, []];
  const { kind, item, id } = message;
  const items = new Map(topic.items);
  // Whatever happened to it, the card is how it is now.
  if (isItem(item)) items.set(item.id, item);
  else if (typeof kind === 'string' && kind.endsWith('.removed') && typeof id === 'string') items.delete(id);
  else return [state, [subscription(name, null)]];
  const changed: LiveEffect = { type: 'changed', topic: name, id: isItem(item) ? item.id : String(id) };
  return [put(state, name, { ...topic, position: message.position, items }), [changed]];
}

/** All that came after the last position has been sent. */
function resumed(state: LiveState, message: Record<string, unknown>): Step {
  const name = String(message.topic);
  const topic = state.topics.get(name);
  if (topic?.position == null || typeof message.position !== 'number' || message.position < topic.position) return [state, []];
  return [put(state, name, { ...topic, position: message.position }), []];
}

function refusal(state: LiveState, message: Record<string, unknown>, jitter: number, now: number): Step {
  const name = String(message.topic);
  const topic = state.topics.get(name);
  if (topic === undefined) return [state, []];
  if (message.code === 'unavailable') {
    // The database is away for the moment: come back as after a lost connection.
    const [next] = closed(state, 0, jitter, now);
    return [next, [{ type: 'disconnect' }]];
  }
  return [put(state, name, { ...topic, refused: String(message.code) }), []];
}
