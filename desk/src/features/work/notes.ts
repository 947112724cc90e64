import { useEffect, useSyncExternalStore } from 'react';
import { api, call, ifMatch } from '@/shared/api/http';
import { ApiError } from '@/shared/api/problem';
import { errorText } from '@/shared/i18n/errors';
import { readDraft, writeDraft } from '@/shared/form/drafts';
import { arrived, begin, dispositionChanged, missing, noteChanged, valuesOf, type Details, type Disposition, type Draft, type Typed } from './draft';

const PAUSE_MS = 700; // after the last letter a note is saved
const RETRY_MS = 4_000;
// The store hears of a contact, and of who has answered, a moment after the desk does.
const STORE = { tries: 8, pauseMs: 400 } as const;

const path = (interaction_id: string) => ({ path: { interaction_id } });

/**
 * What is written about contacts. A note is saved on the server while it is typed; until it is there it also lies in this
 * tab, so a reload or a lost network loses no word.
 */
class Notes {
  private readonly drafts = new Map<string, Draft>();
  private readonly projects = new Map<string, string>();
  private readonly listeners = new Set<() => void>();
  private readonly timers = new Map<string, number>();
  private readonly running = new Map<string, Promise<boolean>>();
  private known: readonly Disposition[] = [];

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get(id: string): Draft | undefined {
    return this.drafts.get(id);
  }

  /** The trees of all projects in sight, as the page has read them. */
  learn(known: readonly Disposition[]): void {
    this.known = known;
  }

  async open(id: string): Promise<Draft | undefined> {
    const known = this.drafts.get(id);
    if (known !== undefined) return known;
    const details = await this.read(id);
    this.projects.set(id, details.project_id);
    const kept = readDraft<Typed>(`contact.${id}`)?.values ?? null;
    const draft = this.drafts.get(id) ?? begin(details, kept);
    this.set(id, draft);
    if (noteChanged(draft)) this.later(id);
    return draft;
  }

  private async read(id: string, tries: number = STORE.tries): Promise<Details> {
    try {
      return await call(api.GET('/api/interactions/{interaction_id}', { params: path(id) }));
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404 || tries === 0) throw error;
      await new Promise((resolve) => window.setTimeout(resolve, STORE.pauseMs));
      return this.read(id, tries - 1);
    }
  }

  /** This person has the contact now; until the store knows it, writing waits. */
  async own(id: string): Promise<void> {
    await this.open(id);
    let tries = 0;
    while (tries < STORE.tries && this.drafts.get(id)?.mayWrite === false) {
      tries += 1;
      this.take(id, await this.read(id));
      if (this.drafts.get(id)?.mayWrite === false) await new Promise((resolve) => window.setTimeout(resolve, STORE.pauseMs));
    }
    const draft = this.drafts.get(id);
    if (draft !== undefined && (noteChanged(draft) || dispositionChanged(draft))) this.later(id);
  }

  type(id: string, patch: Partial<Typed>): void {
    const draft = this.drafts.get(id);
    if (draft === undefined) return;
    this.set(id, { ...draft, typed: { ...draft.typed, ...patch }, errors: [], problem: null });
    this.later(id);
  }

  /** Names what is missing, from now on. */
  point(id: string): void {
    const draft = this.drafts.get(id);
    if (draft !== undefined) this.set(id, { ...draft, pointed: true });
  }

  /** Saves what was typed; false when something could not be saved. */
  flush(id: string, final = false): Promise<boolean> {
    const before = this.running.get(id) ?? Promise.resolve(true);
    const next = before.then(() => this.save(id, final));
    this.running.set(id, next);
    return next;
  }

  /** Stores everything for good; false when the project wants more, or the server did not agree. */
  async complete(id: string): Promise<boolean> {
    try {
      const draft = await this.open(id);
      if (draft === undefined) return false;
      if (this.known.length === 0) this.learn(await call(api.GET('/api/dispositions')));
    } catch (error) {
      const draft = this.drafts.get(id);
      if (draft !== undefined) this.set(id, { ...draft, problem: errorText(error) });
      return false;
    }
    const draft = this.drafts.get(id);
    if (draft === undefined || missing(draft.typed, this.known, this.projects.get(id) ?? '').length > 0) return false;
    return this.flush(id, true);
  }

  private async save(id: string, final: boolean): Promise<boolean> {
    const timer = this.timers.get(id);
    window.clearTimeout(timer);
    this.timers.delete(id);
    const before = this.drafts.get(id);
    if (before?.mayWrite !== true) return true;
    this.set(id, { ...before, saving: true });
    try {
      if (noteChanged(before) || (final && before.typed.note !== '')) await this.put(id, (draft) => this.putNote(id, draft, final));
      const draft = this.drafts.get(id) ?? before;
      const full = missing(draft.typed, this.known, this.projects.get(id) ?? '').length === 0;
      // A disposition that lacks what it asks for is refused by the server; it waits here until it is whole.
      if (dispositionChanged(draft) && full && this.known.length > 0) await this.put(id, (one) => this.putDisposition(id, one));
      this.patch(id, { saving: false, problem: null, errors: [] });
      return true;
    } catch (error) {
      const errors = error instanceof ApiError ? error.fields : [];
      this.patch(id, { saving: false, problem: errorText(error), errors });
      if (error instanceof ApiError && (error.isOffline || error.status >= 500)) this.later(id, RETRY_MS);
      return false;
    }
  }

  /** Another page of the same person may have saved meanwhile: what is typed here is saved on top of it. */
  private async put(id: string, request: (draft: Draft) => Promise<Details>): Promise<void> {
    const draft = this.drafts.get(id);
    if (draft === undefined) return;
    try {
      this.take(id, await request(draft));
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 412) throw error;
      const fresh = await this.read(id);
      this.take(id, fresh);
      this.take(id, await request({ ...draft, version: fresh.version }));
    }
  }

  private putNote(id: string, { typed, version }: Draft, final: boolean): Promise<Details> {
    return call(api.PUT('/api/interactions/{interaction_id}/note', { params: { ...path(id), header: ifMatch(version) }, body: { note: typed.note, final } }));
  }

  private putDisposition(id: string, { typed, version }: Draft): Promise<Details> {
    const body = { cause_id: typed.cause, outcome_id: typed.outcome, fields: valuesOf(typed, this.known) };
    return call(api.PUT('/api/interactions/{interaction_id}/disposition', { params: { ...path(id), header: ifMatch(version) }, body }));
  }

  private take(id: string, details: Details): void {
    const draft = this.drafts.get(id);
    if (draft !== undefined) this.set(id, arrived(draft, details));
  }

  private later(id: string, pause = PAUSE_MS): void {
    window.clearTimeout(this.timers.get(id));
    this.timers.set(id, window.setTimeout(() => void this.flush(id), pause));
  }

  private patch(id: string, patch: Partial<Draft>): void {
    const draft = this.drafts.get(id);
    if (draft !== undefined) this.set(id, { ...draft, ...patch });
  }

  private set(id: string, draft: Draft): void {
    this.drafts.set(id, draft);
    const dirty = noteChanged(draft) || dispositionChanged(draft);
    writeDraft<Typed>(`contact.${id}`, dirty ? { values: draft.typed, base: draft.saved, version: draft.version, at: new Date().toISOString() } : null);
    for (const listener of this.listeners) listener();
  }
}

export const notes = new Notes();

/** `mine`: the contact is in this person's hands. */
export function useDraft(id: string, mine: boolean): Draft | undefined {
  const draft = useSyncExternalStore(notes.subscribe, () => notes.get(id));
  useEffect(() => {
    void (mine ? notes.own(id) : notes.open(id)).catch(() => undefined);
  }, [id, mine]);
  return draft;
}
