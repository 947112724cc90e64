import { describe, expect, it } from 'vitest';
import { hasFilters, nextSort, patchSearch, readTableSearch, sortOf, toQuery, toView } from './state';

describe('the state of a table', () => {
  it('survives a mangled link', () => {
    expect(readTableSearch({ page: 'x', q: 12, state: '', role: 'operator', deep: { a: 1 } })).toEqual({ q: '12', role: 'operator' });
    expect(readTableSearch({ page: '-3' })).toEqual({});
  });

  it('goes back to the first page when what is listed changes', () => {
    expect(patchSearch({ page: 4, q: 'a' }, { role: 'operator' })).toEqual({ q: 'a', role: 'operator' });
    expect(patchSearch({ page: 4 }, { q: '' })).toEqual({});
  });

  it('stays on its page when only the columns or the open row change', () => {
    expect(patchSearch({ page: 4 }, { cols: 'a,b' })).toEqual({ page: 4, cols: 'a,b' });
    expect(patchSearch({ page: 4 }, { edit: 'new' })).toEqual({ page: 4, edit: 'new' });
  });

  it('keeps the first page out of the address', () => {
    expect(patchSearch({ page: 2 }, { page: 1 })).toEqual({});
  });

  it('sorts up, down, and not at all', () => {
    expect(nextSort(undefined, 'name')).toBe('name');
    expect(nextSort('name', 'name')).toBe('-name');
    expect(nextSort('-name', 'name')).toBeNull();
    expect(nextSort('-name', 'login')).toBe('login');
    expect(sortOf('-name', 'name')).toBe('descending');
    expect(sortOf('-name', 'login')).toBe('none');
  });

  it('asks the server for rows, not for columns', () => {
    expect(toQuery({ cols: 'a', q: 'x', edit: 'id', page: 3 }, { state: 'active' })).toEqual({ q: 'x', state: 'active', page: 3, page_size: 50 });
  });

  it('lets a chosen filter win over the default', () => {
    expect(toQuery({ state: 'all' }, { state: 'active' }).state).toBe('all');
  });

  it('comes back from a saved view the same, but on the first page', () => {
    const search = { page: 7, sort: '-name', q: 'Ion & Ана', cols: 'a,b', team_id: 'x' };
    expect(readTableSearch(toView(search))).toEqual({ sort: '-name', q: 'Ion & Ана', cols: 'a,b', team_id: 'x' });
  });

  it('knows whether anything narrows the list', () => {
    expect(hasFilters({ page: 2, sort: 'name', cols: 'a' })).toBe(false);
    expect(hasFilters({ q: 'a' })).toBe(true);
    expect(hasFilters({ role: 'operator' })).toBe(true);
  });
});
