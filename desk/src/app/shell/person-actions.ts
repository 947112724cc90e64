import type { QueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api, call, ifMatch } from '@/shared/api/http';
import type { Patched } from '@/shared/api/types';
import { clearDrafts } from '@/shared/form/drafts';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { sessionStore, useSession } from '@/shared/session/session';

export async function signOut(client: QueryClient, after: () => unknown): Promise<void> {
  try {
    await call(api.DELETE('/api/session'));
  } catch (error) {
    toast.error(errorText(error));
    return;
  }
  clearDrafts();
  toast.clear();
  await after();
  sessionStore.close();
  client.clear();
}

/** Changes a setting of the person at once, and takes it back when the server refuses. */
export function useSavePerson(): (patch: Patched<'/api/me'>) => void {
  const { person } = useSession();
  return useCallback(
    (patch) => {
      sessionStore.updatePerson({ ...person, ...(patch as Partial<typeof person>) });
      call(api.PATCH('/api/me', { body: patch, params: { header: ifMatch(person.version) } })).then(
        (saved) => sessionStore.updatePerson(saved),
        (error: unknown) => {
          sessionStore.updatePerson(person);
          toast.error(errorText(error));
        },
      );
    },
    [person],
  );
}
