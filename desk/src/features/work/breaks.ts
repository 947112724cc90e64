import { useQuery } from '@tanstack/react-query';
import { api, call } from '@/shared/api/http';
import type { Row } from '@/shared/api/types';

export type Break = Row<'/api/breaks'>;

/** Reasons for a break with their planned length, as the centre has them. */
export function useBreaks(): readonly Break[] {
  const { data } = useQuery({
    queryKey: ['breaks', 'menu'],
    queryFn: ({ signal }) => call(api.GET('/api/breaks', { signal })),
    staleTime: 60_000,
  });
  return data ?? [];
}
