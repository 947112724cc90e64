import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { Page } from '@/shared/api/types';
import { useWatch } from '@/shared/live/live';
import { useProject } from '@/shared/session/session';
import { patchSearch, toQuery, type TableSearch } from './state';
import type { TableProps } from './types';

export type Patch = (patch: Readonly<Record<string, string | number | null>>, replace?: boolean) => void;

/** State of the list in the address bar, and a way to change it. */
export function useTableSearch(): readonly [TableSearch, Patch, (search: TableSearch) => void] {
  const search: TableSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const set = useCallback(
    (next: TableSearch, replace = false) => void navigate({ to: '.', search: next as never, replace }),
    [navigate],
  );
  const patch: Patch = useCallback(
    (change, replace = false) =>
      void navigate({ to: '.', search: ((before: TableSearch) => patchSearch(before, change)) as never, replace }),
    [navigate],
  );
  return [search, patch, set];
}

export function useList<R>(props: TableProps<R>, search: TableSearch) {
  useWatch(props.name);
  const project = useProject();
  const defaults = Object.fromEntries((props.filters ?? []).flatMap((one) => (one.standard === undefined ? [] : [[one.id, one.standard]])));
  const query = toQuery(search, defaults);
  return useQuery<Page<R>>({
    queryKey: [props.name, 'list', project, query],
    queryFn: ({ signal }) => props.load(query, signal),
    placeholderData: keepPreviousData,
  });
}
