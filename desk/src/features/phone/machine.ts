/**
 * What the phone knows and what it does next, without a socket, a microphone or a clock.
 *
 * `reduce` takes the phone as it is and one event (what a person wants, or what SIP told) and gives the phone as it is
 * then with the effects that somebody else performs. An event that does not fit a call's phase changes nothing: a late
 * answer of the network, or a key pressed twice, does no harm.
 */
import type { DeviceTrouble } from '@/shared/softphone/devices';
import { maskedNumber } from './number';

export type Phase = 'ringing' | 'calling' | 'talking' | 'held' | 'ended';
export type Link = 'offline' | 'connecting' | 'ready' | 'elsewhere';
export type Headline = Link | Phase;
export type Trouble = DeviceTrouble | 'server_away' | 'too_many' | 'transfer_failed';

/** Whether other devices, or leave to use them, would mend it. */
export const isOfDevices = (trouble: Trouble | null): trouble is DeviceTrouble => trouble !== null && !(['server_away', 'too_many', 'transfer_failed'] as readonly Trouble[]).includes(trouble);

/** Why a call ended, in the words that the texts have. */
export type Cause =
  | 'over' | 'busy' | 'declined' | 'unknown' | 'no_answer' | 'forbidden' | 'unavailable' | 'canceled' | 'elsewhere' | 'connection' | 'microphone' | 'moved';

/** Names of a SIP dialog as this side sees it (RFC 3261 12): enough to take its place from another page (RFC 3891). */
export interface Dialog {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
}

export interface Call {
  readonly id: string;
  readonly direction: 'in' | 'out';
  readonly name: string;
  readonly number: string;
  /** The contact that the centre calls for, from its own header; null between phones. */
  readonly contact: string | null;
  readonly phase: Phase;
  /** Milliseconds since the epoch: when the phase began, and when the talk did. */
  readonly since: number;
  readonly answeredAt: number | null;
  /** What was asked and is not done yet; its button waits. */
  readonly pending: 'answer' | 'hold' | 'resume' | 'end' | 'transfer' | null;
  readonly dialog: Dialog | null;
  readonly cause: Cause | null;
  /** The called phone rings. */
  readonly rings: boolean;
  /** The call whose client will be handed over to this one. */
  readonly consultFor: string | null;
  /** Taken up after a reload; `held` is put on hold again as soon as it stands. */
  readonly restoring: 'talking' | 'held' | null;
}

export interface PhoneState {
  readonly link: Link;
  readonly calls: readonly Call[];
  readonly muted: boolean;
  readonly trouble: Trouble | null;
}

export interface Saved {
  readonly id: string;
  readonly direction: 'in' | 'out';
  readonly name: string;
  readonly number: string;
  readonly contact: string | null;
  readonly phase: 'talking' | 'held';
  readonly answeredAt: number;
  readonly dialog: Dialog;
}

export type Event =
  | { readonly type: 'link'; readonly link: Link }
  | { readonly type: 'trouble'; readonly trouble: Trouble | null }
  // Of SIP
  | { readonly type: 'incoming'; readonly id: string; readonly name: string; readonly number: string; readonly contact?: string | null; readonly wanted?: boolean; readonly at: number }
  | { readonly type: 'rings'; readonly id: string }
  | { readonly type: 'accepted'; readonly id: string; readonly dialog: Dialog | null; readonly at: number }
  | { readonly type: 'heldDone'; readonly id: string; readonly at: number }
  | { readonly type: 'resumedDone'; readonly id: string; readonly at: number }
  | { readonly type: 'ended'; readonly id: string; readonly cause: Cause; readonly at: number }
  | { readonly type: 'refused'; readonly id: string }
  | { readonly type: 'transferFailed'; readonly id: string }
  | { readonly type: 'cleared'; readonly id: string }
  | { readonly type: 'restore'; readonly saved: Saved; readonly at: number }
  // Of the person
  | { readonly type: 'dial'; readonly id: string; readonly number: string; readonly name?: string; readonly consultFor?: string; readonly at: number }
  | { readonly type: 'answer' | 'hangUp' | 'hold' | 'resume' | 'complete'; readonly id: string }
  | { readonly type: 'mute'; readonly on: boolean }
  | { readonly type: 'digits'; readonly id: string; readonly digits: string }
  | { readonly type: 'transfer'; readonly id: string; readonly number: string }
  | { readonly type: 'join'; readonly id: string; readonly other: string };

export type Effect =
  | { readonly do: 'call'; readonly id: string; readonly number: string; readonly replaces: Dialog | null }
  | { readonly do: 'answer' | 'hold' | 'resume'; readonly id: string }
  | { readonly do: 'hangUp'; readonly id: string; readonly busy: boolean }
  | { readonly do: 'mute'; readonly on: boolean }
  | { readonly do: 'digits'; readonly id: string; readonly digits: string }
  | { readonly do: 'refer'; readonly id: string; readonly number: string }
  | { readonly do: 'join'; readonly id: string; readonly other: string };

export type Step = readonly [PhoneState, readonly Effect[]];

/** Calls at once, ringing ones too; the next caller hears "busy". */
export const MAX_CALLS = 4;

export const START: PhoneState = { link: 'connecting', calls: [], muted: false, trouble: null };

/** Where an event of SIP leads a call; what is not written here changes nothing. */
export const MOVES: Readonly<Record<Phase, Partial<Record<'accepted' | 'heldDone' | 'resumedDone' | 'ended', Phase>>>> = {
  ringing: { accepted: 'talking', ended: 'ended' },
  calling: { accepted: 'talking', ended: 'ended' },
  talking: { heldDone: 'held', ended: 'ended' },
  held: { resumedDone: 'talking', ended: 'ended' },
  ended: {},
};

/** In which phases a person may want what. */
export const WISHES: Readonly<Record<'answer' | 'hangUp' | 'hold' | 'resume' | 'complete' | 'join' | 'digits' | 'transfer', readonly Phase[]>> = {
  answer: ['ringing'],
  hangUp: ['ringing', 'calling', 'talking', 'held'],
  hold: ['talking'],
  resume: ['held'],
  complete: ['talking'],
  join: ['talking'],
  digits: ['talking'],
  transfer: ['talking', 'held'],
};

const NEW_CALL = { contact: null, answeredAt: null, pending: null, dialog: null, cause: null, rings: false, consultFor: null, restoring: null } as const;

export const find = (state: PhoneState, id: string | null): Call | undefined => state.calls.find((one) => one.id === id);
export const isLive = (call: Call): boolean => call.phase !== 'ended';
export const talkingCall = (state: PhoneState): Call | undefined => state.calls.find((one) => one.phase === 'talking');

/** The call that the bar is about: the one that is talked to, else one being called, else what is on hold, else the last. */
export function mainCall(state: PhoneState): Call | undefined {
  const order: readonly Phase[] = ['talking', 'calling', 'held', 'ended'];
  return order.map((phase) => state.calls.findLast((one) => one.phase === phase)).find((one) => one !== undefined);
}

/** One word for all of it. */
export function headline(state: PhoneState): Headline {
  if (state.calls.some((one) => one.phase === 'ringing')) return 'ringing';
  return mainCall(state)?.phase ?? state.link;
}

function change(state: PhoneState, id: string, patch: Partial<Call>): PhoneState {
  return { ...state, calls: state.calls.map((one) => (one.id === id ? { ...one, ...patch } : one)) };
}

/** Puts on hold whom somebody talks to, so that another call can be talked to. */
function makeRoom(state: PhoneState, except: string | null): Step {
  const talking = state.calls.filter((one) => one.phase === 'talking' && one.id !== except && one.pending !== 'hold');
  const next = talking.reduce((now, one) => change(now, one.id, { pending: 'hold' }), state);
  return [next, talking.map((one) => ({ do: 'hold', id: one.id }))];
}

function moved(state: PhoneState, event: Event & { readonly id: string; readonly at: number }, name: keyof (typeof MOVES)['ringing'], patch: Partial<Call>): PhoneState {
  const call = find(state, event.id);
  const phase = call === undefined ? undefined : MOVES[call.phase][name];
  return phase === undefined ? state : change(state, event.id, { phase, since: event.at, pending: null, ...patch });
}

function accepted(state: PhoneState, event: Event & { readonly type: 'accepted' }): Step {
  const call = find(state, event.id);
  if (call === undefined || MOVES[call.phase].accepted === undefined) return [state, []];
  const next = moved(state, event, 'accepted', { answeredAt: call.answeredAt ?? event.at, dialog: event.dialog, restoring: null });
  const effects: Effect[] = next.muted ? [{ do: 'mute', on: true }] : [];
  if (call.restoring === 'held') return [change(next, call.id, { pending: 'hold' }), [...effects, { do: 'hold', id: call.id }]];
  // Two calls that were made at the same time: the later one to stand is the one that is talked to.
  const [roomy, holds] = makeRoom(next, call.id);
  return [roomy, [...effects, ...holds]];
}

function ended(state: PhoneState, event: Event & { readonly type: 'ended' }): PhoneState {
  const call = find(state, event.id);
  const cause = call?.pending === 'transfer' ? 'moved' : event.cause;
  const next = moved(state, event, 'ended', { cause, consultFor: null, restoring: null });
  // Mute belongs to a conversation; the next one starts open.
  return next.calls.some(isLive) ? next : { ...next, muted: false };
}

function dial(state: PhoneState, event: Event & { readonly type: 'dial' }): Step {
  if (state.link !== 'ready' || find(state, event.id) !== undefined) return [state, []];
  if (state.calls.filter(isLive).length >= MAX_CALLS) return [{ ...state, trouble: 'too_many' }, []];
  const call: Call = {
    ...NEW_CALL, id: event.id, direction: 'out', name: event.name ?? '', number: event.number, phase: 'calling', since: event.at, consultFor: event.consultFor ?? null,
  };
  const [roomy, holds] = makeRoom(state, null);
  return [{ ...roomy, trouble: null, calls: [...roomy.calls, call] }, [...holds, { do: 'call', id: call.id, number: call.number, replaces: null }]];
}

function incoming(state: PhoneState, event: Event & { readonly type: 'incoming' }): Step {
  if (find(state, event.id) !== undefined) return [state, []];
  if (state.calls.filter(isLive).length >= MAX_CALLS) return [state, [{ do: 'hangUp', id: event.id, busy: true }]];
  const { id, name, number, contact = null, at } = event;
  const call: Call = { ...NEW_CALL, id, direction: 'in', name, number: contact === null ? number : maskedNumber(number), contact, phase: 'ringing', since: at };
  const rung: PhoneState = { ...state, calls: [...state.calls, call] };
  // This person has just asked the centre for this call; there is nobody to ask again.
  return event.wanted === true ? wish(rung, { type: 'answer', id }) : [rung, []];
}

function restore(state: PhoneState, { saved, at }: Event & { readonly type: 'restore' }): Step {
  if (find(state, saved.id) !== undefined) return [state, []];
  const { dialog, phase, ...kept } = saved;
  const call: Call = { ...NEW_CALL, ...kept, phase: 'calling', since: at, restoring: phase };
  return [{ ...state, calls: [...state.calls, call] }, [{ do: 'call', id: saved.id, number: saved.number, replaces: dialog }]];
}

/** Brings the parties of two calls together and leaves both (RFC 3515 with RFC 3891). */
function join(state: PhoneState, id: string, otherId: string | null): Step {
  const other = find(state, otherId);
  if (other === undefined || other.id === id || other.pending !== null || !WISHES.transfer.includes(other.phase)) return [state, []];
  const asked = change(change(state, id, { pending: 'transfer' }), other.id, { pending: 'transfer' });
  return [{ ...asked, trouble: null }, [{ do: 'join', id: other.id, other: id }]];
}

type Wish = Event & { readonly type: keyof typeof WISHES };

function wish(state: PhoneState, event: Wish): Step {
  const call = find(state, event.id);
  if (call === undefined || !WISHES[event.type].includes(call.phase)) return [state, []];
  // A person who waits may always hang up; everything else waits for what was asked before.
  if (call.pending !== null && (event.type !== 'hangUp' || call.pending === 'end')) return [state, []];
  const { id } = call;
  switch (event.type) {
    case 'answer':
    case 'resume': {
      const [roomy, holds] = makeRoom(state, id);
      return [{ ...change(roomy, id, { pending: event.type }), trouble: null }, [...holds, { do: event.type, id }]];
    }
    case 'hold':
      return [change(state, id, { pending: 'hold' }), [{ do: 'hold', id }]];
    case 'hangUp':
      return [change(state, id, { pending: 'end' }), [{ do: 'hangUp', id, busy: false }]];
    case 'digits':
      return [state, [{ do: 'digits', id, digits: event.digits }]];
    case 'transfer':
      return [{ ...change(state, id, { pending: 'transfer' }), trouble: null }, [{ do: 'refer', id, number: event.number }]];
    case 'complete':
      return join(state, id, call.consultFor);
    case 'join':
      return join(state, id, event.other);
  }
}

/** What was asked came to nothing. A transfer may have been asked of two calls together. */
function unlocked(state: PhoneState, id: string): PhoneState {
  const transfer = find(state, id)?.pending === 'transfer';
  const linked = state.calls.filter((one) => one.id === id || (transfer && one.pending === 'transfer'));
  return linked.reduce((now, one) => change(now, one.id, { pending: null }), state);
}

export function reduce(state: PhoneState, event: Event): Step {
  switch (event.type) {
    case 'link':
      return [{ ...state, link: event.link, trouble: event.link === 'ready' && state.trouble === 'server_away' ? null : state.trouble }, []];
    case 'trouble':
      return [{ ...state, trouble: event.trouble }, []];
    case 'incoming':
      return incoming(state, event);
    case 'rings':
      return [find(state, event.id)?.phase === 'calling' ? change(state, event.id, { rings: true }) : state, []];
    case 'accepted':
      return accepted(state, event);
    case 'heldDone':
    case 'resumedDone':
      return [moved(state, event, event.type, {}), []];
    case 'ended':
      return [ended(state, event), []];
    case 'refused':
      return [unlocked(state, event.id), []];
    case 'transferFailed':
      return [{ ...unlocked(state, event.id), trouble: 'transfer_failed' }, []];
    case 'cleared':
      return [{ ...state, calls: state.calls.filter((one) => one.id !== event.id || isLive(one)) }, []];
    case 'restore':
      return restore(state, event);
    case 'dial':
      return dial(state, event);
    case 'mute':
      return state.calls.some(isLive) && state.muted !== event.on ? [{ ...state, muted: event.on }, [{ do: 'mute', on: event.on }]] : [state, []];
    default:
      return wish(state, event);
  }
}

/** What another page needs to take these calls up. */
export function toSave(state: PhoneState): Saved[] {
  return state.calls.flatMap(({ id, direction, name, number, contact, phase, dialog, answeredAt, pending }) =>
    (phase === 'talking' || phase === 'held') && dialog !== null && pending !== 'end' && answeredAt !== null
      ? [{ id, direction, name, number, contact, phase, answeredAt, dialog }]
      : [],
  );
}
