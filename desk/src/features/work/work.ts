import { useSyncExternalStore } from 'react';
import { errorText } from '@/shared/i18n/errors';
import { sessionStore } from '@/shared/session/session';
import { softphone } from '@/shared/softphone/softphone';
import { WorkLink } from './link';
import { START, callOf, keyOf, reduce, toAnswer, type Input, type Model } from './machine';
import { ask, askState } from './verbs';

/** The work of the person at this page: performs what is asked, and keeps the model. */
class DeskWork {
  private model: Model = START;
  private link: WorkLink | null = null;
  private readonly listeners = new Set<() => void>();
  private release: (() => void) | null = null;

  readonly get = (): Model => this.model;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  start(): void {
    this.link = new WorkLink({
      document: (document) => this.feed({ type: 'document', document, at: Date.now() }),
      lost: () => this.feed({ type: 'link', link: 'lost' }),
      signedOut: () => sessionStore.end(),
    });
    this.link.start();
    const hear = () => {
      const { calls, muted } = softphone.get();
      this.feed({ type: 'phone', calls, muted });
    };
    this.release = softphone.subscribe(hear);
    hear();
  }

  stop(): void {
    this.release?.();
    this.link?.stop();
    this.link = null;
    softphone.take([]);
    this.model = START;
    this.publish();
  }

  /** Asks the server; whether it agreed. What it refuses stands beside the button until it is read. */
  async run(key: string, request: () => Promise<unknown>): Promise<boolean> {
    if (this.model.asked.has(key)) return false;
    this.feed({ type: 'asked', key });
    try {
      await request();
      this.feed({ type: 'done', key });
      return true;
    } catch (error) {
      this.feed({ type: 'refused', key, text: errorText(error) });
      return false;
    }
  }

  readonly read = (key: string): void => this.feed({ type: 'read', key });

  setState(state: 'ready' | 'break' | 'off', reason: string | null = null): Promise<boolean> {
    return this.run('state', () => askState(state, reason));
  }

  answer(contact: string): void {
    const call = callOf(this.model, contact);
    if (call !== null) softphone.get().answer(call.id);
  }

  private feed(input: Input): void {
    const next = reduce(this.model, input);
    if (next === this.model) return;
    this.model = next;
    // While the server is away its last word still tells whose calls these are.
    softphone.take((next.document?.contacts ?? []).map((one) => one.id));
    this.publish();
    for (const call of toAnswer(next)) softphone.get().answer(call.id);
  }

  private publish(): void {
    for (const listener of this.listeners) listener();
  }
}

export const work = new DeskWork();

export const useWork = (): Model => useSyncExternalStore(work.subscribe, work.get);

type Plain = 'decline' | 'hold' | 'resume' | 'complete' | 'cancel-consult' | 'conference' | 'hang-up' | 'finish' | 'pause-recording' | 'resume-recording';

/** A verb that needs nothing but the contact. */
export const perform = (verb: Plain, contact: string): Promise<boolean> => work.run(keyOf(contact, verb), () => ask[verb](contact));
