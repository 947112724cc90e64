import { useSyncExternalStore } from 'react';
import type { DeviceTrouble } from './devices';

/**
 * The phone of this page, as the rest of the desk sees it. The phone provides it; who works with contacts uses it. A page
 * without a phone (no right, no microphone, another tab has it) has one that is away.
 */
export interface SoftCall {
  readonly id: string;
  /** The contact that the centre rings for; null for a call between phones. */
  readonly contact: string | null;
  readonly number: string;
  readonly phase: 'ringing' | 'calling' | 'talking' | 'held';
  /** Asked for, not done yet. */
  readonly busy: boolean;
}

export interface SoftSound {
  readonly quality: 'good' | 'fair' | 'poor';
  /** Share from 0 to 1, and milliseconds. */
  readonly loss: number;
  readonly jitterMs: number;
  readonly roundTripMs: number | null;
  /** How loud the other side was, in dBFS. */
  readonly heardDb: number;
}

/** `none`: this page has no phone at all. */
export type SoftLink = 'none' | 'offline' | 'connecting' | 'ready' | 'elsewhere';

export interface Softphone {
  readonly ready: boolean;
  readonly link: SoftLink;
  /** Why the microphone could not be had, if that was so. */
  readonly trouble: DeviceTrouble | null;
  readonly calls: readonly SoftCall[];
  readonly muted: boolean;
  readonly sound: SoftSound | null;
  readonly answer: (id: string) => void;
  readonly hangUp: (id: string) => void;
  readonly mute: (on: boolean) => void;
  readonly digits: (id: string, digits: string) => void;
  /** Gives the id that the call has among `calls`. */
  readonly dial: (number: string) => string;
  /** Takes the phone from the page that has it. */
  readonly take: () => void;
}

const nothing = () => undefined;
const AWAY: Softphone = {
  ready: false, link: 'none', trouble: null, calls: [], muted: false, sound: null, answer: nothing, hangUp: nothing, mute: nothing, digits: nothing, dial: () => '', take: nothing,
};

class Cell<T> {
  private readonly listeners = new Set<() => void>();

  constructor(private value: T) {}

  readonly get = (): T => this.value;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  set(value: T): void {
    if (value === this.value) return;
    this.value = value;
    for (const listener of this.listeners) listener();
  }
}

const phone = new Cell<Softphone>(AWAY);
const taken = new Cell<ReadonlySet<string>>(new Set());

export const softphone = {
  get: phone.get,
  subscribe: phone.subscribe,
  provide: (one: Softphone | null): void => phone.set(one ?? AWAY),
  /** Contacts whose calls stand elsewhere in the bar; the phone shows the other ones. */
  take(contacts: readonly string[]): void {
    const now = taken.get();
    if (contacts.length !== now.size || contacts.some((one) => !now.has(one))) taken.set(new Set(contacts));
  },
};

export const useSoftphone = (): Softphone => useSyncExternalStore(phone.subscribe, phone.get);
export const useTaken = (): ReadonlySet<string> => useSyncExternalStore(taken.subscribe, taken.get);
