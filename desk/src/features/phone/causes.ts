import type { Cause } from './machine';

const BY_STATUS: Readonly<Record<number, Cause>> = {
  403: 'forbidden',
  404: 'unknown',
  408: 'no_answer',
  410: 'unknown',
  480: 'no_answer',
  484: 'unknown',
  486: 'busy',
  600: 'busy',
  603: 'declined',
  604: 'unknown',
};

/** The names that JsSIP has for what never reached the other side. */
const BY_NAME: Readonly<Record<string, Cause>> = {
  Canceled: 'canceled',
  'No Answer': 'no_answer',
  'Connection Error': 'connection',
  'Request Timeout': 'connection',
  'User Denied Media Access': 'microphone',
  'Dialog Error': 'connection',
};

/** The part of a SIP message that tells why. */
export interface Told {
  readonly status_code?: number | null;
  getHeader?: (name: string) => string | undefined;
}

/** RFC 3326: a CANCEL with `cause=200` means that somebody else has answered. */
const answeredElsewhere = (reason: string): boolean => /cause\s*=\s*200\b/i.test(reason);

/** Why a call is over. `established`: it was talked in it. */
export function endCause(name: string, message: Told | null | undefined, established: boolean): Cause {
  if (answeredElsewhere(message?.getHeader?.('Reason') ?? '')) return 'elsewhere';
  if (established) return BY_NAME[name] === 'connection' ? 'connection' : 'over';
  const status = message?.status_code ?? null;
  return (status === null ? undefined : BY_STATUS[status]) ?? BY_NAME[name] ?? (status !== null && status >= 500 ? 'unavailable' : 'over');
}
