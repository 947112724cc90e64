import { useQuery } from '@tanstack/react-query';
import { api, call } from '@/shared/api/http';
import { ApiError } from '@/shared/api/problem';

const today = (moment: string): boolean => new Date(moment).toDateString() === new Date().toDateString();

async function lastCheck(signal: AbortSignal): Promise<{ readonly at: string } | null> {
  try {
    return await call(api.GET('/api/work/selftest', { signal }));
  } catch (error) {
    // Nobody has checked this workplace yet.
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/** Whether the workplace was checked on this day; null while that is not known. */
export function useCheckedToday(): boolean | null {
  const { data } = useQuery({ queryKey: ['selftest'], queryFn: ({ signal }) => lastCheck(signal), staleTime: 60_000 });
  if (data === undefined) return null;
  return data !== null && today(data.at);
}
