import { useTableSearch } from './use-list';

/** Which row is open in the drawer beside the list; it stands in the address, so a link opens it too. */
export function useEdit(): { readonly id: string | null; open: (id: string) => void; close: () => void } {
  const [search, patch] = useTableSearch();
  const id = typeof search.edit === 'string' ? search.edit : null;
  return { id, open: (next) => patch({ edit: next }), close: () => patch({ edit: null }) };
}
