import { IconArrowDown, IconArrowUp, IconArrowsSort } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useRef, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { Empty, useSlow } from '@/shared/ui/bits';
import { ErrorView } from '@/shared/ui/error-view';
import { PAGE_SIZE, hasFilters, nextSort, sortOf, type TableSearch } from './state';
import { Toolbar } from './toolbar';
import type { Column, TableProps } from './types';
import { useList, useTableSearch, type Patch } from './use-list';
import classes from './table.module.css';

const SKELETON_ROWS = 12;

function shownColumns<R>(columns: readonly Column<R>[], cols: string | undefined): readonly Column<R>[] {
  const [first] = columns;
  const chosen = cols?.split(',');
  return columns.filter((one) => one === first || (chosen === undefined ? one.optional !== true : chosen.includes(one.id)));
}

export function DataTable<R>(props: TableProps<R>) {
  const { t } = useTranslation();
  const [search, patch, setSearch] = useTableSearch();
  const list = useList(props, search);
  const slow = useSlow(list.isFetching);
  const scroller = useRef<HTMLDivElement>(null);
  const columns = shownColumns(props.columns, search.cols);
  const { data } = list;
  return (
    <div className={classes.table}>
      <Toolbar {...props} search={search} patch={patch} setSearch={setSearch} shown={columns.map((one) => one.id)} focusRows={() => moveFocus(scroller.current, 'first')} />
      <div className={classes.progress} data-on={slow && data !== undefined} aria-hidden />
      <div
        ref={scroller}
        className={classes.scroller}
        role="region"
        aria-label={props.caption}
        // A scrolling region must be reachable by keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
      >
        {/* Arrow keys move between the rows' links, which take the focus themselves. */}
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
        <table className={classes.grid} aria-busy={list.isFetching} onKeyDown={(event) => onKeys(event, scroller.current, data, search, patch)}>
          <caption className="visually-hidden">{props.caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <HeaderCell key={column.id} column={column} search={search} patch={patch} />
              ))}
            </tr>
          </thead>
          <tbody>
            {data?.items.map((row) => <BodyRow key={props.rowId(row)} row={row} columns={columns} table={props} />)}
            {data === undefined && slow && <SkeletonRows columns={columns.length} />}
          </tbody>
        </table>
        {data === undefined && list.error !== null && (
          <div className={classes.below}>
            <ErrorView error={list.error} retry={() => void list.refetch()} />
          </div>
        )}
        {data?.items.length === 0 && (
          <div className={classes.below}>
            {hasFilters(search) ? (
              <Empty
                title={t('table.nothing')}
                text={t('table.nothingText')}
                action={
                  <button type="button" className={classes.textButton} onClick={() => setSearch({})}>
                    {t('table.clearAll')}
                  </button>
                }
              />
            ) : (
              <Empty {...props.empty} />
            )}
          </div>
        )}
      </div>
      <Footer total={data?.total} search={search} patch={patch} />
    </div>
  );
}

interface HeaderProps<R> {
  readonly column: Column<R>;
  readonly search: TableSearch;
  readonly patch: Patch;
}

function HeaderCell<R>({ column, search, patch }: HeaderProps<R>) {
  const { sort } = column;
  const numeric = column.numeric === true ? classes.numeric : undefined;
  if (sort === undefined) {
    return (
      <th scope="col" className={numeric}>
        {column.header}
      </th>
    );
  }
  const order = sortOf(search.sort, sort);
  const Icon = { ascending: IconArrowUp, descending: IconArrowDown, none: IconArrowsSort }[order];
  return (
    <th scope="col" aria-sort={order} className={numeric}>
      <button type="button" className={classes.sort} data-order={order} onClick={() => patch({ sort: nextSort(search.sort, sort) })}>
        {column.header}
        <Icon size={13} aria-hidden />
      </button>
    </th>
  );
}

interface RowProps<R> {
  readonly row: R;
  readonly columns: readonly Column<R>[];
  readonly table: TableProps<R>;
}

function BodyRow<R>({ row, columns, table }: RowProps<R>) {
  return (
    <tr
      data-dimmed={table.dimmed?.(row) === true}
      data-opens={table.href !== undefined || table.onOpen !== undefined}
      // The link in the first cell does the same for keyboards and screen readers.
      onClick={(event) => {
        const target = event.target as Element;
        if (target.closest('a, button, input') !== null || window.getSelection()?.toString() !== '') return;
        event.currentTarget.querySelector<HTMLElement>('[data-row-link]')?.click();
      }}
    >
      {columns.map((column, index) => (
        <td key={column.id} className={column.numeric === true ? classes.numeric : undefined}>
          {index === 0 ? <RowLink row={row} table={table}>{column.cell(row)}</RowLink> : column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

function RowLink<R>({ row, table, children }: { readonly row: R; readonly table: TableProps<R>; readonly children: ReactNode }) {
  const { href, onOpen } = table;
  if (href !== undefined) {
    return (
      <Link to={href(row)} className={classes.rowLink} data-row-link>
        {children}
      </Link>
    );
  }
  if (onOpen !== undefined) {
    return (
      <button type="button" className={classes.rowLink} data-row-link onClick={() => onOpen(row)}>
        {children}
      </button>
    );
  }
  return children;
}

function SkeletonRows({ columns }: { readonly columns: number }) {
  return Array.from({ length: SKELETON_ROWS }, (_, row) => (
    <tr key={row} aria-hidden>
      {Array.from({ length: columns }, (_cell, column) => (
        <td key={column}>
          <span className={classes.bone} style={{ width: `${40 + ((row * 13 + column * 29) % 50)}%` }} />
        </td>
      ))}
    </tr>
  ));
}

interface FooterProps {
  readonly total: number | undefined;
  readonly search: TableSearch;
  readonly patch: Patch;
}

function Footer({ total, search, patch }: FooterProps) {
  const { t } = useTranslation();
  const format = useFormat();
  if (total === undefined) return <div className={classes.footer} />;
  const page = search.page ?? 1;
  const last = Math.max(1, Math.ceil(total / PAGE_SIZE));
  const from = total === 0 ? 0 : (page - 1) * PAGE_SIZE + 1;
  return (
    <nav className={classes.footer} aria-label={t('table.pages')}>
      <span role="status" className="tabular">
        {last === 1
          ? t('table.rows', { count: total })
          : t('table.range', { from: format.number(from), to: format.number(Math.min(total, page * PAGE_SIZE)), total: format.number(total) })}
      </span>
      {last > 1 && (
        <span className={classes.pager}>
          <button type="button" className={classes.textButton} disabled={page <= 1} onClick={() => patch({ page: page - 1 })}>
            {t('table.previous')}
          </button>
          <button type="button" className={classes.textButton} disabled={page >= last} onClick={() => patch({ page: page + 1 })}>
            {t('table.next')}
          </button>
        </span>
      )}
    </nav>
  );
}

function moveFocus(scroller: HTMLElement | null, to: 'first' | 'last' | 1 | -1): void {
  const links = [...(scroller?.querySelectorAll<HTMLElement>('[data-row-link]') ?? [])];
  if (to === 'first' || to === 'last') {
    (to === 'first' ? links[0] : links.at(-1))?.focus();
    return;
  }
  const row = document.activeElement?.closest('tr');
  const index = links.findIndex((link) => link.closest('tr') === row);
  links[Math.min(links.length - 1, Math.max(0, index + to))]?.focus();
}

function onKeys(event: KeyboardEvent, scroller: HTMLElement | null, data: { total: number } | undefined, search: TableSearch, patch: Patch): void {
  if (event.target instanceof Element && event.target.closest('thead') !== null) return;
  const page = search.page ?? 1;
  const last = Math.ceil((data?.total ?? 0) / PAGE_SIZE);
  const actions: Readonly<Record<string, () => void>> = {
    ArrowDown: () => moveFocus(scroller, 1),
    ArrowUp: () => moveFocus(scroller, -1),
    Home: () => moveFocus(scroller, 'first'),
    End: () => moveFocus(scroller, 'last'),
    PageDown: () => (page < last ? patch({ page: page + 1 }) : moveFocus(scroller, 'last')),
    PageUp: () => (page > 1 ? patch({ page: page - 1 }) : moveFocus(scroller, 'first')),
  };
  const action = actions[event.key];
  if (action === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  action();
}
