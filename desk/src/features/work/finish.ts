import { useNavigate } from '@tanstack/react-router';
import { notes } from './notes';
import { keyOf } from './machine';
import { ask } from './verbs';
import { work } from './work';

/**
 * Ends the wrap-up: what was typed is stored first. When something that the project requires is missing, the page of the
 * contact opens where the missing things are named.
 */
export function useFinish(): (contact: string) => Promise<boolean> {
  const navigate = useNavigate();
  return async (contact) => {
    const complete = await notes.complete(contact);
    if (!complete) {
      await navigate({ to: '/work', search: { contact } as never });
      notes.point(contact);
      return false;
    }
    return work.run(keyOf(contact, 'finish'), () => ask.finish(contact));
  };
}
