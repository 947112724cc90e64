/** Which operators are shown, and in what order. */
import { OPERATOR_STATES, contactOf, shownSince, shownState, type BoardOperator, type Shown } from './model';

export interface Pick {
  readonly q: string;
  readonly queue: string | null;
  /** null: everybody at work; somebody who is searched for by name is found signed out too. */
  readonly state: Shown | null;
  readonly team: string | null;
  readonly sort: 'state' | 'name' | 'longest';
}

export const nameOf = (operator: Named): string => `${operator.given_name} ${operator.family_name}`.trim();
interface Named { readonly given_name: string; readonly family_name: string }

/** Those who need a look come first: paused and absent people take no calls although they are at work. */
const ORDER: readonly Shown[] = ['paused', 'absent', 'ringing', 'talking', 'wrap_up', 'ready', 'break', 'off'];

const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

export function pickOperators(
  operators: Iterable<BoardOperator>,
  pick: Pick,
  teamOf: (id: string) => string | null,
  compare: (a: string, b: string) => number,
): BoardOperator[] {
  const words = plain(pick.q).split(/\s+/).filter((one) => one !== '');
  const found: BoardOperator[] = [];
  for (const one of operators) {
    if (pick.queue !== null && !one.queues.includes(pick.queue) && contactOf(one)?.queue_id !== pick.queue) continue;
    if (pick.state === null ? one.state === 'off' && words.length === 0 && contactOf(one) === null : shownState(one) !== pick.state) continue;
    if (pick.team !== null && teamOf(one.id) !== pick.team) continue;
    const name = plain(nameOf(one));
    if (words.every((word) => name.includes(word))) found.push(one);
  }
  return found.sort(order(pick.sort, compare));
}

type Order = (a: BoardOperator, b: BoardOperator) => number;

function order(sort: Pick['sort'], compare: (a: string, b: string) => number): Order {
  const byName: Order = (a, b) => compare(nameOf(a), nameOf(b)) || compare(a.id, b.id);
  const since = (one: BoardOperator) => Date.parse(shownSince(one) ?? '') || Infinity;
  const byTime: Order = (a, b) => (since(a) === since(b) ? 0 : since(a) - since(b));
  const byState: Order = (a, b) => ORDER.indexOf(shownState(a)) - ORDER.indexOf(shownState(b));
  if (sort === 'name') return byName;
  if (sort === 'longest') return (a, b) => byTime(a, b) || byName(a, b);
  return (a, b) => byState(a, b) || byTime(a, b) || byName(a, b);
}

export function countStates(operators: Iterable<BoardOperator>): ReadonlyMap<Shown, number> {
  const counts = new Map<Shown, number>(OPERATOR_STATES.map((one) => [one, 0]));
  for (const one of operators) counts.set(shownState(one), (counts.get(shownState(one)) ?? 0) + 1);
  return counts;
}

export const isShown = (value: unknown): value is Shown => OPERATOR_STATES.some((one) => one === value);
