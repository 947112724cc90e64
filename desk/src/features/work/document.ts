import type { Got } from '@/shared/api/types';

/** The operator's whole work, as the server sends it on each change. Moments are RFC 3339. */
export type WorkDocument = Got<'/api/work'>;
export type WorkContact = WorkDocument['contacts'][number];
export type WorkParty = WorkContact['others'][number];
export type OwnState = WorkDocument['state']['state'];

export const consulted = (contact: WorkContact): WorkParty | null => contact.others.find((one) => one.role === 'consulted') ?? null;
type Company = WorkParty & { readonly role: Exclude<WorkParty['role'], 'consulted'> };
/** Who else is heard in the talk, by the client or by the operator alone. */
export const companyOf = (contact: WorkContact): Company[] => contact.others.filter((one): one is Company => one.role !== 'consulted' && one.state === 'talking');
export const nameOf = (contact: WorkContact): string => contact.name.masked;
export const numberOf = (contact: Pick<WorkContact, 'number'>): string => contact.number.masked;
