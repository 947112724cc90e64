import { credentials } from '@/shared/api/http';
import { ApiError, toApiError } from '@/shared/api/problem';

/**
 * Fetches a file and hands it to the browser. A plain link would not carry the chosen project, and would show the
 * server's refusal as a page.
 */
export async function download(path: string, query: Readonly<Record<string, string | number>>, name: string): Promise<void> {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (key !== 'page' && key !== 'page_size') params.set(key, String(value));
  const headers: Record<string, string> = credentials.projectId === null ? {} : { 'X-Centrala-Project': credentials.projectId };
  let answer: Response;
  try {
    answer = await fetch(`${path}?${params.toString()}`, { headers, credentials: 'same-origin' });
  } catch (cause) {
    throw new ApiError(0, 'offline', String(cause));
  }
  if (!answer.ok) throw toApiError(answer.status, await answer.json().catch(() => null), answer.headers.get('Retry-After'));
  const url = URL.createObjectURL(await answer.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the data by the next turn of its loop.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
