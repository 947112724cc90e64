import { useQuery } from '@tanstack/react-query';
import { api, call } from '@/shared/api/http';

const today = (moment: string): boolean => new Date(moment).toDateString() === new Date().toDateString();

/** Whether the workplace was checked on this day; null while that is not known. */
export function useCheckedToday(): boolean | null {
  const { data } = useQuery({ queryKey: ['selftest'], queryFn: ({ signal }) => call(api.GET('/api/work/selftest', { signal })), staleTime: 60_000 });
  if (data === undefined) return null;
  return data !== null && today(data.at);
}
