import type { KeyboardEvent, ReactNode } from 'react';
import classes from './queues.module.css';

export interface Tab<N extends string> {
  readonly name: N;
  readonly label: string;
  /** Something on it was refused; said in words too. */
  readonly wrong?: string | null;
}

interface TabsProps<N extends string> {
  readonly label: string;
  readonly tabs: readonly Tab<N>[];
  readonly open: N;
  readonly choose: (name: N) => void;
}

/** Tabs as the ARIA practices have them: one stop of the Tab key, arrows inside. */
export function Tabs<N extends string>({ label, tabs, open, choose }: TabsProps<N>) {
  const move = (event: KeyboardEvent<HTMLElement>) => {
    const at = tabs.findIndex((one) => one.name === open);
    const next = { ArrowRight: (at + 1) % tabs.length, ArrowLeft: (at - 1 + tabs.length) % tabs.length, Home: 0, End: tabs.length - 1 }[event.key];
    const tab = next === undefined ? undefined : tabs[next];
    if (tab === undefined) return;
    event.preventDefault();
    choose(tab.name);
    document.getElementById(`tab-${tab.name}`)?.focus();
  };
  return (
    <div role="tablist" tabIndex={-1} aria-label={label} className={classes.tabs} onKeyDown={move}>
      {tabs.map((one) => (
        <button
          key={one.name}
          type="button"
          role="tab"
          id={`tab-${one.name}`}
          aria-controls={`panel-${one.name}`}
          aria-selected={one.name === open}
          tabIndex={one.name === open ? 0 : -1}
          data-wrong={one.wrong != null}
          className={classes.tab}
          onClick={() => choose(one.name)}
        >
          {one.label}
          {one.wrong != null && (
            <>
              <span aria-hidden> ●</span>
              <span className="visually-hidden"> {one.wrong}</span>
            </>
          )}
        </button>
      ))}
    </div>
  );
}

/** All panels stay mounted, so that what was typed on one tab is there when the other is sent. */
export function TabPanel({ name, open, children }: { readonly name: string; readonly open: string; readonly children: ReactNode }) {
  return (
    <div role="tabpanel" id={`panel-${name}`} aria-labelledby={`tab-${name}`} hidden={name !== open}>
      {children}
    </div>
  );
}
