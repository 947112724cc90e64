import { useId, type KeyboardEvent, type ReactNode } from 'react';
import classes from './flows.module.css';

export interface Tab<T extends string> {
  readonly id: T;
  readonly label: string;
  readonly beside?: ReactNode;
}

interface TabsProps<T extends string> {
  readonly label: string;
  readonly tabs: readonly Tab<T>[];
  readonly chosen: T;
  readonly choose: (id: T) => void;
  readonly children: ReactNode;
}

/** One of several panels; the arrow keys go from one to the next (WAI-ARIA tabs pattern). */
export function Tabs<T extends string>({ label, tabs, chosen, choose, children }: TabsProps<T>) {
  const id = useId();
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const index = tabs.findIndex((one) => one.id === chosen);
    const next = tabs[(index + by + tabs.length) % tabs.length];
    if (next === undefined) return;
    choose(next.id);
    document.getElementById(`${id}-${next.id}`)?.focus();
  };
  return (
    <div className={classes.tabs}>
      <div role="tablist" aria-label={label} className={classes.tabList}>
        {tabs.map((one) => (
          <button
            key={one.id}
            id={`${id}-${one.id}`}
            type="button"
            role="tab"
            aria-selected={one.id === chosen}
            aria-controls={`${id}-panel`}
            tabIndex={one.id === chosen ? 0 : -1}
            className={classes.tab}
            onKeyDown={onKeyDown}
            onClick={() => choose(one.id)}
          >
            {one.label}
            {one.beside}
          </button>
        ))}
      </div>
      {/* A panel that scrolls must be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${chosen}`} className={classes.tabPanel} tabIndex={0}>
        {children}
      </div>
    </div>
  );
}
