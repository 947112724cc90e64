import { Button, Select, TextInput } from '@mantine/core';
import { IconDownload, IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useCan } from '@/shared/session/session';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { ColumnsMenu } from './columns-menu';
import { download } from './download';
import { hasFilters, toQuery, type TableSearch } from './state';
import type { TableProps } from './types';
import type { Patch } from './use-list';
import { ViewsMenu } from './views-menu';
import classes from './table.module.css';

interface ToolbarProps<R> extends TableProps<R> {
  readonly search: TableSearch;
  readonly patch: Patch;
  readonly setSearch: (search: TableSearch) => void;
  readonly shown: readonly string[];
  readonly focusRows: () => void;
}

export function Toolbar<R>(props: ToolbarProps<R>) {
  const { t } = useTranslation();
  const can = useCan();
  const { search, patch, filters = [] } = props;
  return (
    <div className={classes.toolbar} role="search" aria-label={props.caption}>
      {props.searchable !== false && <SearchField search={search} patch={patch} focusRows={props.focusRows} />}
      {filters.map((filter) => (
        <Select
          key={filter.id}
          className={classes.filter}
          aria-label={filter.label}
          placeholder={filter.label}
          data={[...filter.options]}
          value={String(search[filter.id] ?? filter.standard ?? '') || null}
          onChange={(value) => patch({ [filter.id]: value === filter.standard ? null : value })}
          clearable={filter.standard === undefined}
          allowDeselect={filter.standard === undefined}
          searchable={filter.options.length > 8}
          clearButtonProps={{ 'aria-label': t('table.clear', { name: filter.label }) }}
          nothingFoundMessage={t('table.noOption')}
          data-active={search[filter.id] !== undefined}
        />
      ))}
      {props.moreFilters}
      {hasFilters(search) && (
        <Button variant="subtle" size="compact-sm" onClick={() => props.setSearch(search.cols === undefined ? {} : { cols: search.cols })}>
          {t('table.clearAll')}
        </Button>
      )}
      <div className={classes.tools}>
        <ViewsMenu name={props.name} search={search} apply={props.setSearch} />
        <ColumnsMenu columns={props.columns} shown={props.shown} patch={patch} />
        {props.exportPath !== undefined && can('export') && <ExportButton path={props.exportPath} name={props.name} search={search} filters={filters} />}
      </div>
    </div>
  );
}

const TYPING_PAUSE_MS = 250;

interface SearchProps {
  readonly search: TableSearch;
  readonly patch: Patch;
  readonly focusRows: () => void;
}

function SearchField({ search, patch, focusRows }: SearchProps) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const current = search.q ?? '';
  const [text, setText] = useState(current);
  const [seen, setSeen] = useState(current);
  // A link, a saved view or "back" changed the search: show it.
  if (seen !== current) {
    setSeen(current);
    if (text.trim() !== current) setText(current);
  }
  useEffect(() => {
    if (text.trim() === current) return undefined;
    const timer = window.setTimeout(() => patch({ q: text.trim() }, true), TYPING_PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [text, current, patch]);
  useShortcut({ keys: '/', label: t('shortcut.search'), group: 'list', run: () => input.current?.focus() });
  return (
    <TextInput
      ref={input}
      className={classes.search}
      type="search"
      aria-label={t('table.search')}
      placeholder={t('table.search')}
      leftSection={<IconSearch size={15} aria-hidden />}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown' || event.key === 'Enter') {
          event.preventDefault();
          focusRows();
        }
      }}
    />
  );
}

interface ExportProps {
  readonly path: string;
  readonly name: string;
  readonly search: TableSearch;
  readonly filters: readonly { readonly id: string; readonly standard?: string }[];
}

function ExportButton({ path, name, search, filters }: ExportProps) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    const defaults = Object.fromEntries(filters.flatMap((one) => (one.standard === undefined ? [] : [[one.id, one.standard]])));
    try {
      await download(path, toQuery(search, defaults), `${name}.csv`);
    } catch (error) {
      toast.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button className={classes.tool} title={t('table.export')} variant="subtle" color="gray" size="compact-sm" leftSection={<IconDownload size={15} aria-hidden />} loading={busy} onClick={() => void run()}>
      {t('table.export')}
    </Button>
  );
}
