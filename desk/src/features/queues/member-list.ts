/** Who serves a queue, in the order in which they are asked; pure. */
export interface Member {
  readonly person_id: string;
  readonly name: string;
  /** 0: their own queue. */
  readonly rank: number;
}

export const MAX_RANK = 9; // as the server has it

type Compare = (a: string, b: string) => number;

const sorted = (members: readonly Member[], compare: Compare): readonly Member[] => [...members].sort((a, b) => a.rank - b.rank || compare(a.name, b.name));

/** New people serve it as their own queue. */
export function addMembers(members: readonly Member[], people: readonly { readonly id: string; readonly name: string }[], compare: Compare): readonly Member[] {
  const known = new Set(members.map((one) => one.person_id));
  const fresh = people.filter((one) => !known.has(one.id)).map((one) => ({ person_id: one.id, name: one.name, rank: 0 }));
  return sorted([...members, ...fresh], compare);
}

export function moveMember(members: readonly Member[], id: string, rank: number, compare: Compare): readonly Member[] {
  const allowed = Math.min(MAX_RANK, Math.max(0, rank));
  return sorted(members.map((one) => (one.person_id === id ? { ...one, rank: allowed } : one)), compare);
}

export function differs(before: readonly Member[], after: readonly Member[]): boolean {
  const ranks = new Map(before.map((one) => [one.person_id, one.rank]));
  return before.length !== after.length || after.some((one) => ranks.get(one.person_id) !== one.rank);
}

const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

export const matches = (member: Member, search: string): boolean => plain(search).split(/\s+/).every((word) => plain(member.name).includes(word));
