import { useQuery } from '@tanstack/react-query';
import { api, call } from '@/shared/api/http';
import type { Got } from '@/shared/api/types';

export type Demo = Got<'/api/demo'>;
export type Mix = Demo['mix'];

export const DEMO = ['demo'];
const REFRESH_MS = 2000;

/** The sample centre, asked again and again while a page looks at it: its crowd is no fact of the store. */
export function useDemo(watch: boolean) {
  return useQuery({
    queryKey: DEMO,
    queryFn: ({ signal }) => call(api.GET('/api/demo', { signal })),
    refetchInterval: watch ? REFRESH_MS : false,
  });
}
