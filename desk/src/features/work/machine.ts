/**
 * What an operator sees and may do, without a socket, a page or a clock.
 *
 * The server's document is the truth and comes whole; the phone of this page tells which of its calls belongs to which
 * contact. `reduce` keeps both with what was asked and not answered yet; the functions below it say what follows.
 */
import type { SoftCall } from '@/shared/softphone/softphone';
import { consulted, type OwnState, type WorkContact, type WorkDocument } from './document';

export type Link = 'connecting' | 'open' | 'lost';

export const VERBS = [
  'answer', 'decline', 'hold', 'resume', 'mute', 'unmute', 'keypad', 'transfer', 'complete', 'cancel-consult', 'conference', 'help', 'escalate',
  'pause-recording', 'resume-recording', 'hang-up', 'finish',
] as const;
export type Verb = (typeof VERBS)[number];

/** Why something can not be done now, in the words that the texts have. */
export type Hindrance = 'asked' | 'phone_elsewhere' | 'forbidden_by_project' | 'no_connection';

export interface Action {
  readonly verb: Verb;
  /** null: it can be done. */
  readonly hindrance: Hindrance | null;
}

export interface Model {
  readonly link: Link;
  readonly document: WorkDocument | null;
  /** The server's clock minus this machine's, in milliseconds. */
  readonly clockOffset: number;
  readonly calls: readonly SoftCall[];
  readonly muted: boolean;
  /** `contact:verb`, or `state`: asked of the server, not answered. */
  readonly asked: ReadonlySet<string>;
  /** What was refused last, by the same key. */
  readonly refused: ReadonlyMap<string, string>;
}

export type Input =
  | { readonly type: 'link'; readonly link: Link }
  | { readonly type: 'document'; readonly document: WorkDocument; readonly at: number }
  | { readonly type: 'phone'; readonly calls: readonly SoftCall[]; readonly muted: boolean }
  | { readonly type: 'asked'; readonly key: string }
  | { readonly type: 'done'; readonly key: string }
  | { readonly type: 'refused'; readonly key: string; readonly text: string }
  | { readonly type: 'read'; readonly key: string };

export const START: Model = { link: 'connecting', document: null, clockOffset: 0, calls: [], muted: false, asked: new Set(), refused: new Map() };

const without = <K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> => new Map([...map].filter(([one]) => one !== key));
const lacking = (set: ReadonlySet<string>, key: string): ReadonlySet<string> => new Set([...set].filter((one) => one !== key));

export const keyOf = (contact: string, verb: string): string => `${contact}:${verb}`;

/** What is kept about contacts that are no more would grow for a whole shift. */
function forgetGone(model: Model, document: WorkDocument): Model {
  const there = (key: string) => !key.includes(':') || document.contacts.some((one) => key.startsWith(`${one.id}:`));
  return { ...model, asked: new Set([...model.asked].filter(there)), refused: new Map([...model.refused].filter(([key]) => there(key))) };
}

export function reduce(model: Model, input: Input): Model {
  switch (input.type) {
    case 'link':
      return { ...model, link: input.link };
    case 'document': {
      // A reconnected server counts anew; within one connection an older document never comes after a newer one.
      const { document } = input;
      return { ...forgetGone(model, document), link: 'open', document, clockOffset: Date.parse(document.now) - input.at };
    }
    case 'phone':
      return { ...model, calls: input.calls, muted: input.muted };
    case 'asked':
      return { ...model, asked: new Set([...model.asked, input.key]), refused: without(model.refused, input.key) };
    case 'done':
      return { ...model, asked: lacking(model.asked, input.key) };
    case 'refused':
      return { ...model, asked: lacking(model.asked, input.key), refused: new Map([...model.refused, [input.key, input.text]]) };
    case 'read':
      return { ...model, refused: without(model.refused, input.key) };
  }
}

const WEIGHT: Readonly<Record<WorkContact['phase'], number>> = { talking: 0, calling: 1, offered: 2, transferring: 3, wrap_up: 4 };

/** In the order of the list: whom one talks to, who is called, who is offered, what is to be finished. */
export function contactsOf(model: Model): readonly WorkContact[] {
  return (model.document?.contacts ?? []).toSorted((a, b) => WEIGHT[a.phase] - WEIGHT[b.phase] || Date.parse(a.since) - Date.parse(b.since));
}

export const offersOf = (model: Model): readonly WorkContact[] => contactsOf(model).filter((one) => one.phase === 'offered');

/** The contact that the bar is about; an offer stands beside it. */
export const mainContact = (model: Model): WorkContact | null => contactsOf(model).find((one) => one.phase !== 'offered') ?? null;

export const callOf = (model: Model, contact: string): SoftCall | null => model.calls.find((one) => one.contact === contact) ?? null;

export type BarState = OwnState | 'away' | 'ringing' | 'calling' | 'talking' | 'held' | 'consulting' | 'transferring' | 'wrap_up';

/** One word for all of it. A ring comes before everything that waits, not before a talk. */
export function barState(model: Model): BarState {
  if (model.document === null) return 'away';
  const main = mainContact(model);
  if (main?.phase === 'talking') return consulted(main) !== null ? 'consulting' : main.held ? 'held' : 'talking';
  if (main?.phase === 'calling') return 'calling';
  if (offersOf(model).length > 0) return 'ringing';
  return main?.phase === 'wrap_up' || main?.phase === 'transferring' ? main.phase : model.document.state.state;
}

const ACTION_VERBS: Readonly<Record<WorkContact['phase'], readonly Verb[]>> = {
  offered: ['answer', 'decline'],
  calling: ['hang-up'],
  talking: ['mute', 'hold', 'keypad', 'transfer', 'complete', 'cancel-consult', 'conference', 'help', 'escalate', 'pause-recording', 'hang-up'],
  transferring: [],
  wrap_up: ['finish'],
};

/** Which of two opposites is offered, or neither. */
function shown(verb: Verb, contact: WorkContact, model: Model): Verb | null {
  const colleague = consulted(contact);
  const consulting = colleague !== null;
  switch (verb) {
    case 'mute':
      return callOf(model, contact.id) === null ? null : model.muted ? 'unmute' : 'mute';
    case 'keypad':
      return consulting ? null : verb;
    case 'hold':
      return consulting ? null : contact.held ? 'resume' : 'hold';
    case 'transfer':
      return consulting ? null : verb;
    case 'complete':
    case 'cancel-consult':
      return consulting ? verb : null;
    case 'conference':
      return colleague?.state === 'talking' && !contact.others.some((one) => one.role === 'joined') ? verb : null;
    case 'pause-recording':
      return contact.recording === 'off' ? null : contact.recording === 'paused' ? 'resume-recording' : verb;
    default:
      return verb;
  }
}

/** Verbs that this page's own phone does, without the server. */
const LOCAL: readonly Verb[] = ['answer', 'mute', 'unmute'];

function hindrance(verb: Verb, contact: WorkContact, model: Model): Hindrance | null {
  const call = callOf(model, contact.id);
  if (verb === 'answer') return call?.phase !== 'ringing' ? 'phone_elsewhere' : call.busy ? 'asked' : null;
  if (LOCAL.includes(verb)) return null;
  if (model.link !== 'open') return 'no_connection';
  if (model.asked.has(keyOf(contact.id, verb))) return 'asked';
  if (verb === 'hang-up' && contact.phase === 'talking' && !contact.may_hang_up) return 'forbidden_by_project';
  return null;
}

/** Everything that can be done with a contact now, in the order of the bar. */
export function actionsOf(model: Model, contact: WorkContact): readonly Action[] {
  return ACTION_VERBS[contact.phase].flatMap((one) => {
    const verb = shown(one, contact, model);
    return verb === null ? [] : [{ verb, hindrance: hindrance(verb, contact, model) }];
  });
}

export const actionOf = (model: Model, contact: WorkContact, verb: Verb): Action | null => actionsOf(model, contact).find((one) => one.verb === verb) ?? null;

export interface MainAction extends Action {
  readonly contact: WorkContact;
}

/** The one big button: Answer, then End, then Finish. While a colleague is asked: Complete. */
export function mainAction(model: Model): MainAction | null {
  const main = mainContact(model);
  const [offer] = offersOf(model);
  const busy = main?.phase === 'talking' || main?.phase === 'calling';
  const contact = busy || offer === undefined ? main : offer;
  if (contact === null) return null;
  const verb: Verb = contact.phase === 'offered' ? 'answer' : contact.phase === 'wrap_up' ? 'finish' : consulted(contact)?.state === 'talking' ? 'complete' : 'hang-up';
  const action = actionOf(model, contact, verb);
  return action === null ? null : { ...action, contact };
}

/** A call that the centre places for this person's own wish is answered by the page itself. */
export function toAnswer(model: Model): readonly SoftCall[] {
  return model.calls.filter((call) => {
    const contact = model.document?.contacts.find((one) => one.id === call.contact);
    return call.phase === 'ringing' && !call.busy && contact?.direction === 'out' && contact.phase === 'calling';
  });
}

/** Offers that have come since: they ring in the page and in the browser's own notification. */
export function newOffers(before: Model, after: Model): readonly WorkContact[] {
  const known = new Set(offersOf(before).map((one) => one.id));
  return offersOf(after).filter((one) => !known.has(one.id));
}
