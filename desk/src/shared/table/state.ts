/** What a list shows, as it stands in the address bar: a link or a saved view brings exactly the same list back. */
export interface TableSearch {
  readonly page?: number;
  readonly sort?: string;
  readonly q?: string;
  /** Ids of the shown columns, with commas; absent: those shown by default. */
  readonly cols?: string;
  readonly [filter: string]: string | number | undefined;
}

export const PAGE_SIZE = 50; // rows

const RESERVED = new Set(['page', 'sort', 'q', 'cols', 'edit']);

/** Address bar -> state. What makes no sense is dropped, so that a mangled link still shows a list. */
export function readTableSearch(raw: Readonly<Record<string, unknown>>): TableSearch {
  const search: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(raw)) {
    if (key === 'page') {
      const page = Number(value);
      if (Number.isInteger(page) && page > 1) search.page = page;
    } else if (typeof value === 'string' && value !== '') search[key] = value;
    else if (typeof value === 'number') search[key] = String(value);
  }
  return search;
}

/** A change of filter, search or order starts again at the first page. */
export function patchSearch(search: TableSearch, patch: Readonly<Record<string, string | number | null>>): TableSearch {
  const sameRows = 'page' in patch || 'cols' in patch || 'edit' in patch;
  const next = Object.entries({ ...search, ...(sameRows ? {} : { page: null }), ...patch });
  return Object.fromEntries(next.filter(([key, value]) => value != null && value !== '' && !(key === 'page' && value === 1))) as TableSearch;
}

/** Unsorted -> ascending -> descending -> unsorted. */
export function nextSort(current: string | undefined, column: string): string | null {
  if (current === column) return `-${column}`;
  return current === `-${column}` ? null : column;
}

export function sortOf(current: string | undefined, column: string): 'ascending' | 'descending' | 'none' {
  if (current === column) return 'ascending';
  return current === `-${column}` ? 'descending' : 'none';
}

/** What the server is asked: everything but the shape of the table. */
export function toQuery(search: TableSearch, defaults: Readonly<Record<string, string>> = {}): Record<string, string | number> {
  const query: Record<string, string | number> = { ...defaults };
  for (const [key, value] of Object.entries(search)) {
    if (value !== undefined && key !== 'cols' && key !== 'edit') query[key] = value;
  }
  return { ...query, page: search.page ?? 1, page_size: PAGE_SIZE };
}

export function hasFilters(search: TableSearch): boolean {
  return search.q !== undefined || Object.keys(search).some((key) => !RESERVED.has(key));
}

/** A saved view keeps filters, order and columns, never the page. */
export function toView(search: TableSearch): Record<string, string> {
  const view: Record<string, string> = {};
  for (const key of Object.keys(search).sort()) {
    const value = search[key];
    if (value !== undefined && key !== 'page' && key !== 'edit') view[key] = String(value);
  }
  return view;
}
