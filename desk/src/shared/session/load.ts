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
