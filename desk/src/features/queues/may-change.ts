import { useCan, useSession } from '@/shared/session/session';

/** Breaks are the whole centre's: who works for single projects reads them. The server decides again. */
const OF_THE_CENTRE = ['manager', 'administrator'];

export function useMayChangeBreaks(): boolean {
  const can = useCan();
  const { roles } = useSession();
  return can('queues.write') && roles.some((role) => OF_THE_CENTRE.includes(role));
}
