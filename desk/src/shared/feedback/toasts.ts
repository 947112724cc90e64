import { useSyncExternalStore } from 'react';

export interface Toast {
  readonly id: number;
  readonly kind: 'done' | 'error' | 'info';
  readonly text: string;
  readonly action: { readonly label: string; readonly run: () => void } | null;
}

const MAX_TOASTS = 4;

let toasts: readonly Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function add(toast: Omit<Toast, 'id'>): number {
  const id = nextId++;
  set([...toasts.slice(1 - MAX_TOASTS), { ...toast, id }]);
  return id;
}

export const toast = {
  done: (text: string): number => add({ kind: 'done', text, action: null }),
  info: (text: string): number => add({ kind: 'info', text, action: null }),
  error: (text: string): number => add({ kind: 'error', text, action: null }),
  undoable: (text: string, label: string, run: () => void): number => add({ kind: 'done', text, action: { label, run } }),
  dismiss: (id: number): void => set(toasts.filter((one) => one.id !== id)),
  clear: (): void => set([]),
  /** Runs the newest offered action, so that Alt+U undoes without the mouse. */
  act: (): void => {
    const last = toasts.findLast((one) => one.action !== null);
    if (last?.action == null) return;
    toast.dismiss(last.id);
    last.action.run();
  },
};

export function useToasts(): readonly Toast[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
}
