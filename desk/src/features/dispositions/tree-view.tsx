import { Button } from '@mantine/core';
import { IconArchive, IconArrowDown, IconArrowUp, IconChevronRight, IconPencil, IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { Empty, Keys, Tag } from '@/shared/ui/bits';
import { labelOf, moved, rowsOf, type Disposition, type Kind, type TreeRow } from './tree';
import { useChanges } from './changes';
import classes from './dispositions.module.css';

interface TreeProps {
  readonly all: readonly Disposition[];
  readonly kind: Kind;
  readonly edit: (id: string) => void;
  /** A new node below this one, or at the top. */
  readonly create: (parent: string | null) => void;
}

/** A tree as the ARIA practices have it: one stop of the Tab key, arrows inside; what is done with the chosen node stands above it. */
export function TreeView({ all, kind, edit, create }: TreeProps) {
  const { t, i18n } = useTranslation('dispositions');
  const client = useQueryClient();
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [wanted, setWanted] = useState<string | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const { order, archive, restore } = useChanges(() => void client.invalidateQueries({ queryKey: ['dispositions'] }));
  const rows = rowsOf(all, kind, closed);
  const chosen = rows.find((row) => row.one.id === wanted) ?? rows[0];
  useShortcut({ keys: 'n', label: t(`new.${kind}`), group: 'list', run: () => create(null) });
  const choose = (id: string) => {
    setWanted(id);
    // After React has drawn the row that becomes reachable.
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-id="${id}"]`)?.focus());
  };
  const fold = (id: string, close: boolean) => setClosed(new Set(close ? [...closed, id] : [...closed].filter((one) => one !== id)));
  const move = (one: Disposition, by: 1 | -1) => {
    const ids = moved(all, one, by);
    if (ids !== null) void order(one, ids).then(() => choose(one.id));
  };
  if (rows.length === 0) {
    return (
      <Empty
        title={t(`none.${kind}`)}
        text={t('noneText')}
        action={
          <Button leftSection={<IconPlus size={15} aria-hidden />} onClick={() => create(null)}>
            {t(`new.${kind}`)}
          </Button>
        }
      />
    );
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (chosen === undefined) return;
    const act = keyOf(event, rows, chosen, closed);
    if (act === null) return;
    event.preventDefault();
    if (act.to !== undefined) choose(act.to);
    if (act.fold !== undefined) fold(chosen.one.id, act.fold);
    if (act.move !== undefined) move(chosen.one, act.move);
    if (act.edit === true) edit(chosen.one.id);
  };
  return (
    <section aria-label={t(`kind.${kind}`)}>
      {chosen !== undefined && (
        <Toolbar
          row={chosen}
          all={all}
          create={create}
          edit={() => edit(chosen.one.id)}
          move={(by) => move(chosen.one, by)}
          archive={() => void (chosen.one.archived_at === null ? archive(chosen.one) : restore(chosen.one))}
        />
      )}
      <div ref={list} role="tree" aria-label={t(`kind.${kind}`)} className={classes.tree}>
        {rows.map((row) => (
          <div
            key={row.one.id}
            role="treeitem"
            data-id={row.one.id}
            data-archived={row.one.archived_at !== null}
            aria-level={row.level}
            aria-setsize={row.among}
            aria-posinset={row.place}
            aria-selected={row === chosen}
            {...(row.children > 0 ? { 'aria-expanded': !closed.has(row.one.id) } : {})}
            tabIndex={row === chosen ? 0 : -1}
            className={classes.node}
            style={{ paddingInlineStart: 8 + (row.level - 1) * 22 }}
            onFocus={() => setWanted(row.one.id)}
            onKeyDown={onKeyDown}
            onClick={() => choose(row.one.id)}
            onDoubleClick={() => edit(row.one.id)}
          >
            {/* The arrow is for the mouse; keys fold with Left and Right. */}
            <span className={classes.fold} data-open={!closed.has(row.one.id)} data-leaf={row.children === 0} aria-hidden onClick={() => fold(row.one.id, !closed.has(row.one.id))}>
              <IconChevronRight size={14} />
            </span>
            <span className={classes.label}>{labelOf(row.one.labels, i18n.language)}</span>
            <span className={classes.code}>{row.one.code}</span>
            {row.one.required_fields.length > 0 && <Tag>{t('fields', { count: row.one.required_fields.length })}</Tag>}
            {row.one.archived_at !== null && <Tag tone="warn">{t('away')}</Tag>}
          </div>
        ))}
      </div>
      <p className={classes.keys}>
        <Keys keys="enter" /> {t('keys.edit')} <Keys keys="alt+arrowup" /> <Keys keys="alt+arrowdown" /> {t('keys.move')} <Keys keys="n" /> {t('keys.create')}
      </p>
    </section>
  );
}

interface Act {
  readonly to?: string | undefined;
  readonly fold?: boolean;
  readonly move?: 1 | -1;
  readonly edit?: boolean;
}

function keyOf(event: KeyboardEvent, rows: readonly TreeRow[], chosen: TreeRow, closed: ReadonlySet<string>): Act | null {
  const at = rows.indexOf(chosen);
  if (event.altKey) return event.key === 'ArrowUp' ? { move: -1 } : event.key === 'ArrowDown' ? { move: 1 } : null;
  if (event.ctrlKey || event.metaKey) return null;
  const open = chosen.children > 0 && !closed.has(chosen.one.id);
  const act: Readonly<Record<string, () => Act>> = {
    ArrowDown: () => ({ to: rows[at + 1]?.one.id }),
    ArrowUp: () => ({ to: rows[at - 1]?.one.id }),
    Home: () => ({ to: rows[0]?.one.id }),
    End: () => ({ to: rows.at(-1)?.one.id }),
    ArrowRight: () => (chosen.children === 0 ? {} : open ? { to: rows[at + 1]?.one.id } : { fold: false }),
    ArrowLeft: () => (open ? { fold: true } : { to: chosen.one.parent_id ?? undefined }),
    Enter: () => ({ edit: true }),
  };
  return act[event.key]?.() ?? null;
}

interface ToolbarProps {
  readonly row: TreeRow;
  readonly all: readonly Disposition[];
  readonly create: (parent: string | null) => void;
  readonly edit: () => void;
  readonly move: (by: 1 | -1) => void;
  readonly archive: () => void;
}

function Toolbar({ row, all, create, edit, move, archive }: ToolbarProps) {
  const { t, i18n } = useTranslation('dispositions');
  const { one } = row;
  const away = one.archived_at !== null;
  return (
    <div className={classes.toolbar} role="group" aria-label={t('chosen', { name: labelOf(one.labels, i18n.language) })}>
      <Button size="compact-sm" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => create(null)}>
        {t(`new.${one.kind}`)}
      </Button>
      <Button size="compact-sm" variant="default" leftSection={<IconPencil size={14} aria-hidden />} onClick={edit}>
        {t('edit')}
      </Button>
      <Button size="compact-sm" variant="default" leftSection={<IconPlus size={14} aria-hidden />} disabled={away} onClick={() => create(one.id)}>
        {t('createBelow')}
      </Button>
      <Button size="compact-sm" variant="default" aria-label={t('up')} disabled={moved(all, one, -1) === null} onClick={() => move(-1)}>
        <IconArrowUp size={14} aria-hidden />
      </Button>
      <Button size="compact-sm" variant="default" aria-label={t('down')} disabled={moved(all, one, 1) === null} onClick={() => move(1)}>
        <IconArrowDown size={14} aria-hidden />
      </Button>
      <Button size="compact-sm" variant="default" leftSection={<IconArchive size={14} aria-hidden />} onClick={archive}>
        {t(away ? 'restore' : 'archive')}
      </Button>
    </div>
  );
}
