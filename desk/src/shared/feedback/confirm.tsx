import { Suspense, lazy, useSyncExternalStore } from 'react';

const ConfirmDialog = lazy(async () => ({ default: (await import('./confirm-dialog')).ConfirmDialog }));

export interface Question {
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly danger?: boolean;
  /** What has to be typed before it can be confirmed, and how that is asked. */
  readonly typed?: { readonly expected: string; readonly label: string };
}

export interface Asked {
  readonly question: Question;
  readonly answer: (yes: boolean) => void;
}

let open: Asked | null = null;
const listeners = new Set<() => void>();

function set(next: Asked | null): void {
  open = next;
  for (const listener of listeners) listener();
}

/** Asks, and resolves with what the person chose. */
export function confirm(question: Question): Promise<boolean> {
  open?.answer(false);
  return new Promise((resolve) => {
    set({
      question,
      answer: (yes) => {
        set(null);
        resolve(yes);
      },
    });
  });
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export function ConfirmRegion() {
  const current = useSyncExternalStore(subscribe, () => open);
  if (current === null) return null;
  return (
    <Suspense>
      <ConfirmDialog key={current.question.title} {...current} />
    </Suspense>
  );
}
