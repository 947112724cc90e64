import { useFormat } from '@/shared/i18n/format';

interface Cut {
  readonly interval: string | null;
  readonly since: string;
  readonly until: string;
}

/** What an interval is called below a chart: its time, its day, or both. */
export function useStartLabel({ interval, since, until }: Cut): (at: string) => string {
  const format = useFormat();
  const short = interval !== 'day' && interval !== 'week' && interval !== 'month';
  const oneDay = new Date(until).getTime() - new Date(since).getTime() <= 26 * 3_600_000;
  return (at) => {
    if (!short) return format.date(at).slice(0, 5);
    return oneDay ? format.time(at) : `${format.date(at).slice(0, 5)} ${format.time(at)}`;
  };
}
