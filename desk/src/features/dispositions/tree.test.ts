import { describe, expect, it } from 'vitest';
import { codeFrom, leavesOf, moved, nameFrom, parentsFor, rowsOf, type Disposition } from './tree';

const node = (id: string, parent: string | null, position: number, more: Partial<Disposition> = {}): Disposition => ({
  id, parent_id: parent, position, kind: 'cause', project_id: 'p', code: id, labels: { en: id.toUpperCase(), ru: '', ro: '' }, required_fields: [], archived_at: null, version: 1, ...more,
});

const [b, a, a1, a0, old] = [node('b', null, 1), node('a', null, 0), node('a1', 'a', 1), node('a0', 'a', 0), node('old', 'a', 0, { archived_at: '2026-01-01T00:00:00Z' })] as const;
const TREE = [b, a, a1, a0, old];

describe('a tree of dispositions', () => {
  it('stands in its order, archived ones last', () => {
    expect(rowsOf(TREE, 'cause', new Set()).map((row) => [row.one.id, row.level, row.place])).toEqual([['a', 1, 1], ['a0', 2, 1], ['a1', 2, 2], ['old', 2, 3], ['b', 1, 2]]);
    expect(rowsOf(TREE, 'cause', new Set(['a'])).map((row) => row.one.id)).toEqual(['a', 'b']);
    expect(rowsOf(TREE, 'outcome', new Set())).toEqual([]);
  });

  it('shows at the top what hangs on something unseen', () => {
    expect(rowsOf([node('x', 'gone', 0)], 'cause', new Set()).map((row) => row.level)).toEqual([1]);
  });

  it('moves among those in use, and not past the end', () => {
    expect(moved(TREE, a0, 1)).toEqual(['a1', 'a0']);
    expect(moved(TREE, a1, 1)).toBeNull();
    expect(moved(TREE, a, -1)).toBeNull();
    expect(moved(TREE, old, -1)).toBeNull();
  });

  it('offers no parent below itself, none archived, and none too deep', () => {
    expect(parentsFor(TREE, 'cause', 'a', 'en').map((one) => one.value)).toEqual(['b']);
    expect(parentsFor(TREE, 'cause', null, 'en').map((one) => one.label)).toEqual(['A', 'A › A0', 'A › A1', 'B']);
    const deep = Array.from({ length: 6 }, (_, at) => node(`d${at}`, at === 0 ? null : `d${at - 1}`, 0));
    expect(parentsFor(deep, 'cause', null, 'en').map((one) => one.value)).not.toContain('d5');
    expect(parentsFor([...deep, node('b', null, 1), node('c', 'b', 0)], 'cause', 'b', 'en').map((one) => one.value)).not.toContain('d4');
  });

  it('lets operators choose leaves in use by their path', () => {
    expect(leavesOf(TREE, 'cause', 'en').map((one) => one.label)).toEqual(['A › A0', 'A › A1', 'B']);
  });
});

describe('a code', () => {
  it('comes from the label and is free', () => {
    expect(codeFrom('Wrong bill!', new Set())).toBe('wrong_bill');
    expect(codeFrom('Încă una', new Set(['inca_una', 'inca_una_2']))).toBe('inca_una_3');
    expect(codeFrom('Жалоба', new Set())).toBe('');
    expect(nameFrom('2nd phone', new Set())).toBe('f_2nd_phone');
  });
});
