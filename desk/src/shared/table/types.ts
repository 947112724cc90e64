import type { ReactNode } from 'react';
import type { Page } from '@/shared/api/types';

export interface Column<R> {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: R) => ReactNode;
  /** The server's name for sorting by it. */
  readonly sort?: string;
  readonly numeric?: boolean;
  /** Shown only when chosen. */
  readonly optional?: boolean;
}

export interface Option {
  readonly value: string;
  readonly label: string;
}

export interface Filter {
  readonly id: string;
  readonly label: string;
  readonly options: readonly Option[];
  /** What the list uses when nothing is chosen; then the filter can not be cleared, only changed. */
  readonly standard?: string;
}

export interface TableProps<R> {
  /** Names the list in saved views and in cached queries; a live topic of that name refreshes it. */
  readonly name: string;
  readonly caption: string;
  readonly columns: readonly Column<R>[];
  readonly filters?: readonly Filter[];
  readonly moreFilters?: ReactNode;
  readonly rowId: (row: R) => string;
  /** Where a row leads, or what it does. The first column carries the link. */
  readonly href?: (row: R) => string;
  readonly onOpen?: (row: R) => void;
  readonly load: (query: Record<string, string | number>, signal: AbortSignal) => Promise<Page<R>>;
  /** Path of the CSV of the same list, without query. */
  readonly exportPath?: string;
  readonly empty: { readonly title: string; readonly text: string; readonly action?: ReactNode };
  readonly dimmed?: (row: R) => boolean;
  readonly searchable?: boolean;
}
