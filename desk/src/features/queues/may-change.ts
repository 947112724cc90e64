import { useCan } from '@/shared/session/session';

/** Breaks are the whole centre's: who works for single projects reads them. */
export const useMayChangeBreaks = (): boolean => useCan()('breaks.write');
