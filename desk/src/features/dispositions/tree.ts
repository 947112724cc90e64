import type { Row } from '@/shared/api/types';

export type Disposition = Row<'/api/dispositions'>;
export type Kind = Disposition['kind'];
export type Asked = Disposition['required_fields'][number];
export type FieldType = NonNullable<Asked['type']>;

export const KINDS: readonly Kind[] = ['cause', 'outcome'];
export const FIELD_TYPES: readonly FieldType[] = ['text', 'number', 'date', 'phone', 'choice'];
export const MAX_DEPTH = 6; // levels, as the server has it

export interface TreeRow {
  readonly one: Disposition;
  /** 1 at the top. */
  readonly level: number;
  readonly children: number;
  /** Its place among those beside it, from 1, and how many they are. */
  readonly place: number;
  readonly among: number;
}

export type Labels = Disposition['labels'];

/** A label in the language of the page; English where the project gave no other. */
export function labelOf(labels: { readonly en: string; readonly ru?: string; readonly ro?: string }, language: string): string {
  const own = language === 'ru' ? labels.ru : language === 'ro' ? labels.ro : labels.en;
  return own === undefined || own === '' ? labels.en : own;
}

const inOrder = (a: Disposition, b: Disposition): number => a.position - b.position || a.code.localeCompare(b.code);

/** What stands below a node, or at the top, in its order; archived ones last. */
export function below(all: readonly Disposition[], kind: Kind, parent: string | null): Disposition[] {
  const known = new Set(all.map((one) => one.id));
  const mine = all.filter((one) => one.kind === kind && (one.parent_id !== null && known.has(one.parent_id) ? one.parent_id : null) === parent);
  return [...mine.filter((one) => one.archived_at === null).sort(inOrder), ...mine.filter((one) => one.archived_at !== null).sort(inOrder)];
}

/** The tree as rows from top to bottom; what stands below a closed node is left out. */
export function rowsOf(all: readonly Disposition[], kind: Kind, closed: ReadonlySet<string>, parent: string | null = null, level = 1): TreeRow[] {
  const siblings = below(all, kind, parent);
  return siblings.flatMap((one, index) => {
    const children = below(all, kind, one.id).length;
    const inner = children > 0 && !closed.has(one.id) && level < 20 ? rowsOf(all, kind, closed, one.id, level + 1) : [];
    return [{ one, level, children, place: index + 1, among: siblings.length }, ...inner];
  });
}

/** Ids of all in use beside a node after it moved by one place; null when it stands at the end already. */
export function moved(all: readonly Disposition[], one: Disposition, by: 1 | -1): string[] | null {
  const ids = below(all, one.kind, one.parent_id).filter((other) => other.archived_at === null).map((other) => other.id);
  const at = ids.indexOf(one.id);
  const to = at + by;
  if (at < 0 || to < 0 || to >= ids.length) return null;
  ids.splice(at, 1);
  ids.splice(to, 0, one.id);
  return ids;
}

const levelOf = (all: readonly Disposition[], id: string | null): number => {
  const node = all.find((one) => one.id === id);
  return node === undefined ? 0 : 1 + levelOf(all, node.parent_id);
};

const heightOf = (all: readonly Disposition[], id: string): number => 1 + Math.max(0, ...all.filter((one) => one.parent_id === id).map((one) => heightOf(all, one.id)));

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export function pathOf(all: readonly Disposition[], one: Disposition, language: string): string {
  const parent = all.find((other) => other.id === one.parent_id);
  const label = labelOf(one.labels, language);
  return parent === undefined ? label : `${pathOf(all, parent, language)} › ${label}`;
}

/** Where a node may stand: not below itself, not too deep. `id`: null for a new one. */
export function parentsFor(all: readonly Disposition[], kind: Kind, id: string | null, language: string): Choice[] {
  const inside = (one: Disposition): boolean => one.id === id || all.some((other) => other.id === one.parent_id && inside(other));
  const height = id === null ? 1 : heightOf(all, id);
  return rowsOf(all, kind, new Set())
    .map((row) => row.one)
    .filter((one) => one.archived_at === null && !(id !== null && inside(one)) && levelOf(all, one.id) + height <= MAX_DEPTH)
    .map((one) => ({ value: one.id, label: pathOf(all, one, language) }));
}

/** What an operator can choose: the leaves in use, each with the path to it. */
export function leavesOf(all: readonly Disposition[], kind: Kind, language: string): Choice[] {
  const used = all.filter((one) => one.archived_at === null);
  return rowsOf(used, kind, new Set())
    .filter((row) => row.children === 0)
    .map((row) => ({ value: row.one.id, label: pathOf(used, row.one, language) }));
}

/** A code for reports out of a label: `Wrong bill` -> `wrong_bill`; made different from those that are taken. */
export function codeFrom(label: string, taken: ReadonlySet<string>, most = 60): string {
  const plain = label.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '').slice(0, most - 4);
  const base = plain === '' ? '' : plain;
  if (base === '' || !taken.has(base)) return base;
  let count = 2;
  while (taken.has(`${base}_${count}`)) count += 1;
  return `${base}_${count}`;
}

/** Names of fields begin with a letter. */
export function nameFrom(label: string, taken: ReadonlySet<string>): string {
  const code = codeFrom(label, new Set(), 40);
  return codeFrom(/^[0-9]/.test(code) ? `f_${code}` : code, taken, 40);
}
