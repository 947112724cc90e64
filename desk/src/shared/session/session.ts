import { useSyncExternalStore } from 'react';
import { credentials } from '@/shared/api/http';
import type { Session } from '@/shared/api/types';

/**
 * Who sits in front of the page. `ended` keeps the session's data: the page stays mounted with everything that was
 * typed, and a sign-in dialog stands over it.
 */
export type SessionState =
  | { readonly status: 'unknown' | 'none'; readonly session: null }
  | { readonly status: 'open' | 'ended'; readonly session: Session };

const PROJECT_KEY = 'centrala.project';

let state: SessionState = { status: 'unknown', session: null };
let project: string | null = null;
const listeners = new Set<() => void>();

function publish(next: SessionState): void {
  state = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function chooseProject(id: string | null): void {
  project = id;
  credentials.projectId = id;
  if (id === null) sessionStorage.removeItem(PROJECT_KEY);
  else sessionStorage.setItem(PROJECT_KEY, id);
}

export const sessionStore = {
  get: (): SessionState => state,
  project: (): string | null => project,
  subscribe,
  open(session: Session): void {
    credentials.csrfToken = session.csrf_token;
    const kept = sessionStorage.getItem(PROJECT_KEY);
    chooseProject(session.projects.some((one) => one.id === kept) ? kept : null);
    publish({ status: 'open', session });
  },
  /** The server no longer knows the cookie. */
  end(): void {
    if (state.status === 'open') publish({ status: 'ended', session: state.session });
    else if (state.status === 'unknown') publish({ status: 'none', session: null });
  },
  /** The person signed out. */
  close(): void {
    credentials.csrfToken = null;
    chooseProject(null);
    publish({ status: 'none', session: null });
  },
  updatePerson(person: Session['person']): void {
    if (state.session !== null) publish({ status: state.status, session: { ...state.session, person } });
  },
  /** null: all projects of the person. */
  setProject(id: string | null): void {
    chooseProject(id);
    publish({ ...state });
  },
};

credentials.onSignedOut = () => sessionStore.end();

export function useSessionState(): SessionState {
  return useSyncExternalStore(subscribe, () => state);
}

/** The session of a page that only signed-in people see. */
export function useSession(): Session {
  const { session } = useSessionState();
  if (session === null) throw new Error('This part of the desk needs a session.');
  return session;
}

export function useProject(): string | null {
  return useSyncExternalStore(subscribe, () => project);
}

export type Permission = Session['permissions'][number];
export type Can = (permission: Permission) => boolean;

/** What is shown and offered. The server decides again on each request. */
export function useCan(): Can {
  const { permissions } = useSession();
  return (permission) => permissions.includes(permission);
}
