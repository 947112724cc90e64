import { useSyncExternalStore } from 'react';
import { api, call as ask } from '@/shared/api/http';
import { Audios } from './audio';
import { microphoneTrouble, missing, type Choice } from '@/shared/softphone/devices';
import { START, isOfDevices, reduce, talkingCall, toSave, type Effect, type Event, type PhoneState } from './machine';
import type { SipEvent, SipPort } from './port';
import { judge, measure, type Counted, type Sound } from './quality';
import { forget, history, instance, keepCalls, keptCalls, remember, type Past } from './saved';
import { Tab } from './tab';
import { Timers } from './timers';

const RETRY_MS = { first: 2_000, longest: 30_000 } as const;
const RENEW_SHARE = 0.6; // of the credentials' life
const LIFE_MS = { least: 60_000, most: 600_000 } as const; // whatever the two clocks say
const SHOW_ENDED_MS = 4_000;
const MEASURE_MS = 2_000;
const HAND_OVER_MS = 8_000; // another page takes the calls meanwhile
const ELSEWHERE_AFTER_MS = 400; // a reload has the lock again before anybody could read that it has not

export interface Snapshot {
  readonly phone: PhoneState;
  readonly sound: Sound | null;
  readonly history: readonly Past[];
  readonly choice: Choice;
}

/** The phone of this page: performs what the machine decides. */
class DeskPhone {
  readonly audio = new Audios();
  private state: PhoneState = START;
  private snapshot: Snapshot = { phone: START, sound: null, history: [], choice: this.audio.choice };
  private readonly listeners = new Set<() => void>();
  private sip: SipPort | null = null;
  private tab: Tab | null = null;
  private person = '';
  private readonly timers = new Timers();
  private plugs: AbortController | null = null;
  private counted: { readonly id: string; readonly sums: Counted | null } | null = null;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly get = (): Snapshot => this.snapshot;

  start(person: string): void {
    this.person = person;
    this.state = START;
    this.publish({ history: history(person), sound: null });
    const lacking = missing();
    if (lacking !== null) {
      this.feed({ type: 'link', link: 'offline' });
      this.feed({ type: 'trouble', trouble: lacking });
      return;
    }
    this.tab = new Tab(person, { got: () => void this.connect(), lost: () => this.handOver() });
    this.tab.wait();
    this.timers.later(ELSEWHERE_AFTER_MS, () => {
      if (this.sip === null && this.state.link === 'connecting') void this.elsewhere();
    });
    this.timers.every(MEASURE_MS, () => void this.measure());
    this.plugs = new AbortController();
    this.audio.onLost = (id) => void this.withDevices((connection) => this.audio.reopen(id, connection(id)));
    navigator.mediaDevices.addEventListener('devicechange', () => void this.withDevices((connection) => this.audio.replug(connection)), this.plugs);
  }

  stop(): void {
    this.plugs?.abort();
    this.plugs = null;
    this.timers.clear();
    this.sip?.stop();
    this.sip = null;
    this.tab?.stop();
    this.tab = null;
    this.audio.endAll();
    this.state = START;
    // Somebody signs out; who only reloads does not come by here.
    forget();
    this.publish({ history: [], sound: null });
  }

  take(): void {
    this.tab?.take();
  }

  feed(event: Event): void {
    const before = this.state;
    const [next, effects] = reduce(before, event);
    this.state = next;
    if (next !== before) this.settle(before);
    for (const effect of effects) void this.perform(effect);
  }

  async choose(choice: Choice): Promise<void> {
    await this.withDevices((connection) => this.audio.choose(choice, connection));
    this.publish({ choice: this.audio.choice });
  }

  /** Changes devices, in the calls that are up too; says what is in the way. */
  private async withDevices(change: (connection: (id: string) => RTCPeerConnection | null) => Promise<void>): Promise<void> {
    try {
      await change((id) => this.sip?.connection(id) ?? null);
      if (isOfDevices(this.state.trouble)) this.feed({ type: 'trouble', trouble: null });
    } catch (error) {
      this.feed({ type: 'trouble', trouble: microphoneTrouble(error) });
    }
  }

  // Life

  private async elsewhere(): Promise<void> {
    const { held } = await navigator.locks.query();
    if (this.sip === null && (held ?? []).length > 0) this.feed({ type: 'link', link: 'elsewhere' });
  }

  private async connect(pause: number = RETRY_MS.first): Promise<void> {
    this.feed({ type: 'link', link: 'connecting' });
    try {
      const [keys, { SipPhone }] = await Promise.all([ask(api.GET('/api/phone')), import('./sip')]);
      if (this.tab === null || this.sip !== null) return;
      this.sip = new SipPhone((event) => this.hear(event));
      this.sip.start(keys, instance());
      this.renewAfter(keys.expires_at);
    } catch {
      this.away();
      this.timers.later(pause, () => void this.connect(Math.min(RETRY_MS.longest, pause * 2)));
    }
  }

  private renewAfter(expiresAt: string): void {
    const left = Math.min(LIFE_MS.most, Math.max(LIFE_MS.least, Date.parse(expiresAt) - Date.now()));
    this.timers.later(left * RENEW_SHARE, () => void this.renew());
  }

  /** New credentials before the old ones end; the registration goes on. */
  private async renew(again = false): Promise<void> {
    const sip = this.sip;
    if (sip === null) return;
    try {
      const keys = await ask(api.GET('/api/phone'));
      if (this.sip !== sip) return;
      sip.renew(keys);
      if (again) sip.register();
      else this.renewAfter(keys.expires_at);
    } catch {
      this.timers.later(RETRY_MS.longest, () => void this.renew(again));
    }
  }

  /** Another page has the phone now: it takes the calls, and this one lets them go as the server ends them. */
  private handOver(): void {
    const sip = this.sip;
    this.sip = null;
    sip?.retire();
    this.feed({ type: 'link', link: 'elsewhere' });
    window.setTimeout(() => {
      sip?.stop();
      if (this.sip === null) {
        this.audio.endAll();
        this.state = { ...START, link: 'elsewhere' };
        this.publish({ sound: null });
      }
    }, HAND_OVER_MS);
  }

  private away(): void {
    this.feed({ type: 'link', link: 'offline' });
    this.feed({ type: 'trouble', trouble: 'server_away' });
  }

  // Events of SIP

  private hear(event: SipEvent): void {
    const at = Date.now();
    switch (event.type) {
      case 'link':
        if (this.sip === null) return;
        this.feed(event);
        if (event.link === 'ready') this.takeUp();
        else this.away();
        return;
      case 'unregistered':
        this.away();
        this.timers.later(RETRY_MS.first, () => void this.renew(true));
        return;
      case 'track':
        this.audio.play(event.id, event.stream);
        return;
      default:
        this.feed({ ...event, at });
    }
  }

  /** Calls of the page before this one: their other parties are still there. */
  private takeUp(): void {
    if (this.state.calls.length > 0) return;
    for (const saved of keptCalls(this.person, Date.now())) this.feed({ type: 'restore', saved, at: Date.now() });
  }

  private settle(before: PhoneState): void {
    const rows = this.state.calls
      .filter((one) => one.phase === 'ended' && before.calls.find((old) => old.id === one.id)?.phase !== 'ended')
      .map((one) => {
        this.audio.end(one.id);
        this.timers.later(SHOW_ENDED_MS, () => this.feed({ type: 'cleared', id: one.id }));
        return remember(this.person, one);
      });
    this.audio.ring(this.state);
    const restoring = this.state.calls.some((one) => one.restoring !== null);
    if (this.sip !== null && this.state.calls !== before.calls && !restoring) keepCalls(this.person, toSave(this.state), Date.now());
    const talking = talkingCall(this.state);
    this.publish({ history: rows.at(-1) ?? this.snapshot.history, sound: talking === undefined ? null : this.snapshot.sound });
  }

  // Effects

  private async perform(effect: Effect): Promise<void> {
    const { sip } = this;
    if (sip === null) return;
    switch (effect.do) {
      case 'call':
      case 'answer':
        await this.withMicrophone(effect.id, effect.do === 'call', (stream) => {
          if (effect.do === 'call') sip.call(effect.id, effect.number, stream, effect.replaces);
          else sip.answer(effect.id, stream);
        });
        return;
      case 'mute':
        sip.mute(effect.on);
        return;
      case 'hangUp':
        sip.hangUp(effect.id, effect.busy);
        return;
      case 'digits':
        sip.digits(effect.id, effect.digits);
        return;
      case 'refer':
        sip.refer(effect.id, effect.number);
        return;
      case 'join':
        sip.join(effect.id, effect.other);
        return;
      default:
        sip[effect.do](effect.id);
    }
  }

  /** A call that rings goes on ringing without a microphone; one that was dialled does not begin. */
  private async withMicrophone(id: string, outgoing: boolean, run: (stream: MediaStream) => void): Promise<void> {
    try {
      const stream = await this.audio.open(id);
      const call = this.state.calls.find((one) => one.id === id);
      if (call === undefined || call.phase === 'ended' || call.pending === 'end') {
        this.audio.end(id);
        if (call?.phase === 'calling') this.feed({ type: 'ended', id, cause: 'canceled', at: Date.now() });
        return;
      }
      run(stream);
    } catch (error) {
      this.feed({ type: 'trouble', trouble: microphoneTrouble(error) });
      this.feed(outgoing ? { type: 'ended', id, cause: 'microphone', at: Date.now() } : { type: 'refused', id });
    }
  }

  // Quality

  private async measure(): Promise<void> {
    const talking = talkingCall(this.state);
    const connection = talking === undefined ? null : (this.sip?.connection(talking.id) ?? null);
    if (talking === undefined || connection === null) return;
    const sums = await measure(connection);
    if (sums === null) return;
    const before = this.counted?.id === talking.id ? this.counted.sums : null;
    this.counted = { id: talking.id, sums };
    this.publish({ sound: judge(before, sums) });
  }

  private publish(patch: Partial<Snapshot>): void {
    this.snapshot = { ...this.snapshot, ...patch, phone: this.state };
    for (const listener of this.listeners) listener();
  }
}

export const phone = new DeskPhone();

export const usePhone = (): Snapshot => useSyncExternalStore(phone.subscribe, phone.get);
