import createClient, { type Middleware } from 'openapi-fetch';
import type { paths } from '@/client/schema';
import { ApiError, toApiError } from './problem';

/** What every request carries; the session module sets it. */
export const credentials: { csrfToken: string | null; projectId: string | null; onSignedOut: () => void } = {
  csrfToken: null,
  projectId: null,
  onSignedOut: () => undefined,
};

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

const headers: Middleware = {
  onRequest({ request }) {
    if (credentials.csrfToken !== null && !SAFE.has(request.method)) {
      request.headers.set('X-CSRF-Token', credentials.csrfToken);
    }
    if (credentials.projectId !== null) request.headers.set('X-Centrala-Project', credentials.projectId);
    return request;
  },
};

export const api = createClient<paths>({ baseUrl: window.location.origin, credentials: 'same-origin' });
api.use(headers);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a request that went well, or an ApiError. */
export async function call<T>(request: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await request;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(0, 'offline', cause instanceof Error ? cause.message : '');
  }
  if (answer.response.ok) return answer.data as T;
  const error = toApiError(answer.response.status, answer.error, answer.response.headers.get('Retry-After'));
  if (error.code === 'auth.required') credentials.onSignedOut();
  throw error;
}

/** The header that proves which version of an object a change was made on. */
export const ifMatch = (version: number): { 'if-match': string } => ({ 'if-match': `"${version}"` });
