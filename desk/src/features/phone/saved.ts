import type { Call, Saved } from './machine';

/**
 * What another load of the page needs: the dialogs of the calls that are up, and the history of this session. Calls lie in
 * localStorage, so that a page that takes the phone over, and a browser that crashed, find them too.
 */
const CALLS_KEY = 'centrala.phone.calls';
const HISTORY_KEY = 'centrala.phone.history';
const INSTANCE_KEY = 'centrala.phone.instance';
const MAX_AGE_MS = 12 * 3600 * 1000; // older dialogs are over for sure
const MAX_HISTORY = 20; // rows

export interface Past {
  readonly id: string;
  readonly direction: 'in' | 'out';
  readonly name: string;
  readonly number: string;
  readonly at: number;
  readonly missed: boolean;
}

function read(store: Storage, key: string): unknown {
  try {
    return JSON.parse(store.getItem(key) ?? 'null') as unknown;
  } catch {
    return null;
  }
}

interface Kept {
  readonly person: string;
  readonly at: number;
  readonly calls: readonly Saved[];
}

const isSaved = (one: unknown): one is Saved => typeof one === 'object' && one !== null && 'dialog' in one && 'number' in one;

export function keepCalls(person: string, calls: readonly Saved[], now: number): void {
  if (calls.length === 0) localStorage.removeItem(CALLS_KEY);
  else localStorage.setItem(CALLS_KEY, JSON.stringify({ person, at: now, calls } satisfies Kept));
}

export function keptCalls(person: string, now: number): Saved[] {
  const kept = read(localStorage, CALLS_KEY) as Partial<Kept> | null;
  if (kept?.person !== person || !Array.isArray(kept.calls) || now - (kept.at ?? 0) > MAX_AGE_MS) return [];
  return kept.calls.filter(isSaved);
}

export function history(person: string): readonly Past[] {
  const kept = read(sessionStorage, HISTORY_KEY) as { person?: string; rows?: readonly Past[] } | null;
  return kept?.person === person ? (kept.rows ?? []) : [];
}

export function remember(person: string, call: Call): readonly Past[] {
  const row = { id: call.id, direction: call.direction, name: call.name, number: call.number, at: call.answeredAt ?? call.since };
  const missed = call.direction === 'in' && call.answeredAt === null && call.cause !== 'elsewhere';
  const rows = [{ ...row, missed }, ...history(person).filter((one) => one.id !== call.id)].slice(0, MAX_HISTORY);
  sessionStorage.setItem(HISTORY_KEY, JSON.stringify({ person, rows }));
  return rows;
}

export function forget(): void {
  localStorage.removeItem(CALLS_KEY);
  sessionStorage.removeItem(HISTORY_KEY);
}

/** A name for this page's phone that stays over reloads. */
export function instance(): string {
  const known = sessionStorage.getItem(INSTANCE_KEY);
  if (known !== null) return known;
  const made = crypto.randomUUID();
  sessionStorage.setItem(INSTANCE_KEY, made);
  return made;
}
