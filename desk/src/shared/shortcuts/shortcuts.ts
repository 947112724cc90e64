import { useEffect, useRef, useSyncExternalStore } from 'react';
import { isSingleKey, match, pressName, type Pending } from './keys';

export type ShortcutGroup = 'general' | 'go' | 'list' | 'form';

export interface Shortcut {
  readonly keys: string;
  /** Already translated. */
  readonly label: string;
  readonly group: ShortcutGroup;
  /** The palette offers it too. */
  readonly palette?: boolean;
  readonly run: () => void;
}

interface Registered {
  readonly current: Shortcut;
}

const OFF_KEY = 'centrala.single-keys-off';
const stack: Registered[] = [];
const listeners = new Set<() => void>();
let snapshot: readonly Shortcut[] = [];
let pending: Pending | null = null;

function publish(): void {
  snapshot = stack.map((one) => one.current);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const singleKeys = {
  areOn: (): boolean => localStorage.getItem(OFF_KEY) === null,
  set(on: boolean): void {
    if (on) localStorage.removeItem(OFF_KEY);
    else localStorage.setItem(OFF_KEY, '1');
    publish();
  },
};

const TYPING = 'input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], [role=combobox]';

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const name = pressName(event);
  const typing = event.target instanceof Element && event.target.closest(TYPING) !== null;
  const inDialog = event.target instanceof Element && event.target.closest('[role=dialog]') !== null;
  const usable = stack
    .map((one) => one.current)
    .filter((one) => !isSingleKey(one.keys) || (!typing && !inDialog && singleKeys.areOn()));
  const result = match(
    usable.map((one) => one.keys),
    pending,
    name,
    performance.now(),
  );
  pending = result.pending;
  if (result.hit === null) return;
  event.preventDefault();
  // The part of the page that came last is the nearest one.
  usable.findLast((one) => one.keys === result.hit)?.run();
}

/** One listener for the page; called once by the shell. */
export function listenForShortcuts(): () => void {
  document.addEventListener('keydown', onKeyDown);
  return () => document.removeEventListener('keydown', onKeyDown);
}

/** Registers a shortcut for as long as the caller is on the page; null registers nothing. */
export function useShortcut(shortcut: Shortcut | null): void {
  const ref = useRef<Shortcut | null>(shortcut);
  useEffect(() => {
    ref.current = shortcut;
  });
  const keys = shortcut?.keys;
  const label = shortcut?.label;
  useEffect(() => {
    if (keys === undefined || ref.current === null) return undefined;
    const entry: Registered = {
      get current() {
        return ref.current ?? { keys, label: label ?? '', group: 'general', run: () => undefined };
      },
    };
    stack.push(entry);
    publish();
    return () => {
      stack.splice(stack.indexOf(entry), 1);
      publish();
    };
  }, [keys, label]);
}

export function useShortcutList(): readonly Shortcut[] {
  return useSyncExternalStore(subscribe, () => snapshot);
}
