import { useQuery } from '@tanstack/react-query';
import { api, call } from '@/shared/api/http';

/** The last comparison of the reports with the timelines. */
export function useReportState() {
  return useQuery({
    queryKey: ['reports', 'state'],
    queryFn: ({ signal }) => call(api.GET('/api/reports/state', { signal })),
    staleTime: 600_000,
  });
}
