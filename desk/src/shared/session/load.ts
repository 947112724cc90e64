import { api, call } from '@/shared/api/http';
import { ApiError } from '@/shared/api/problem';
import type { Session } from '@/shared/api/types';
import { sessionStore } from './session';

let asking: Promise<Session | null> | null = null;

/** The session behind the cookie, or null when there is none. Asked once, however many want to know. */
export async function loadSession(): Promise<Session | null> {
  const { status, session } = sessionStore.get();
  if (status === 'open' || status === 'ended') return session;
  asking ??= ask().finally(() => {
    asking = null;
  });
  return asking;
}

async function ask(): Promise<Session | null> {
  try {
    const opened = await call(api.GET('/api/session'));
    sessionStore.open(opened);
    return opened;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** Rights and projects as they are now; what can not be read stays as it was. */
export async function refreshSession(): Promise<void> {
  try {
    const fresh = await call(api.GET('/api/session'));
    if (sessionStore.get().status === 'open') sessionStore.open(fresh);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}
