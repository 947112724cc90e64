import { sessionStore } from '@/shared/session/session';
import type { Values } from './merge';

/**
 * What was typed and not saved. It survives a reload, a crash of the tab and an ended session. It lives in the tab
 * (sessionStorage) and not on the disk, because several people use one machine, and belongs to who typed it.
 */
export interface Draft<V extends Values> {
  readonly values: V;
  readonly base: V;
  readonly version: number | null;
  readonly at: string;
}

const PREFIX = 'centrala.draft.';

const nameOf = (key: string): string => `${PREFIX}${sessionStore.get().session?.person.id ?? 'nobody'}.${key}`;

export function readDraft<V extends Values>(key: string): Draft<V> | null {
  const text = sessionStorage.getItem(nameOf(key));
  if (text === null) return null;
  try {
    // Written below, by the same form.
    return JSON.parse(text) as Draft<V>;
  } catch {
    return null;
  }
}

export function writeDraft<V extends Values>(key: string, draft: Draft<V> | null): void {
  if (draft === null) {
    sessionStorage.removeItem(nameOf(key));
    return;
  }
  try {
    sessionStorage.setItem(nameOf(key), JSON.stringify(draft));
  } catch {
    // The tab's quota is full: typing goes on, only the safety net is missing.
  }
}

/** At sign-out nothing typed stays behind for whoever sits down next. */
export function clearDrafts(): void {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith(PREFIX)) sessionStorage.removeItem(name);
}
