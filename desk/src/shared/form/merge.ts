/** Two people changed one thing: base is what both started from. */
export type Values = object;

type Fields = Readonly<Record<string, unknown>>;

export interface Merge<V extends Values> {
  /** Both sides' changes together; where both changed the same field, mine stays. */
  readonly values: V;
  /** Fields that only the other side changed. */
  readonly taken: readonly (keyof V & string)[];
  /** Fields that both changed, and differently. */
  readonly conflicts: readonly (keyof V & string)[];
}

export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => key in right && same(left[key], right[key]));
}

export function merge<V extends Values>(start: V, own: V, other: V): Merge<V> {
  const [base, mine, theirs] = [start as Fields, own as Fields, other as Fields];
  const values: Record<string, unknown> = { ...mine };
  const taken: string[] = [];
  const conflicts: string[] = [];
  for (const key of Object.keys(theirs)) {
    if (same(base[key], theirs[key])) continue;
    if (same(base[key], mine[key])) {
      values[key] = theirs[key];
      taken.push(key);
    } else if (!same(mine[key], theirs[key])) conflicts.push(key);
  }
  // Every key is one of V's: they come from its own objects.
  return { values, taken, conflicts } as unknown as Merge<V>;
}

/** What has to be sent: only the fields that differ from what the server has. */
export function changes<V extends Values>(base: V, mine: V): Partial<V> {
  return Object.fromEntries(Object.entries(mine).filter(([key, value]) => !same((base as Fields)[key], value))) as Partial<V>;
}
