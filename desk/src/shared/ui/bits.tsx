import { useEffect, useState, type ReactNode } from 'react';
import { keyCaps } from '@/shared/shortcuts/keys';
import classes from './ui.module.css';

export type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'accent';

export function Tag({ tone = 'plain', children }: { readonly tone?: Tone; readonly children: ReactNode }) {
  return (
    <span className={classes.tag} data-tone={tone}>
      {children}
    </span>
  );
}

/** A state in colour and in words. */
export function State({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return (
    <span className={classes.withDot}>
      <span className={classes.dot} data-tone={tone} aria-hidden />
      {children}
    </span>
  );
}

const isMac = navigator.userAgent.includes('Mac');

/** Beside a control the caps are only a hint (screen readers have aria-keyshortcuts); in the list of keys they are read. */
export function Keys({ keys, read = false }: { readonly keys: string; readonly read?: boolean }) {
  return (
    <span className={classes.kbd} aria-hidden={!read}>
      {keyCaps(keys, isMac).map((cap, index) => (
        <kbd key={index}>{cap}</kbd>
      ))}
    </span>
  );
}

export function Avatar({ given, family }: { readonly given: string; readonly family: string }) {
  return (
    <span className={classes.avatar} aria-hidden>
      {`${given.charAt(0)}${family.charAt(0)}`.toUpperCase()}
    </span>
  );
}

interface EmptyProps {
  readonly title: string;
  readonly text: string;
  readonly action?: ReactNode;
}

/** Says what would stand here and what to do next. */
export function Empty({ title, text, action }: EmptyProps) {
  return (
    <div className={classes.empty}>
      <p className={classes.emptyTitle}>{title}</p>
      <p className={classes.emptyText}>{text}</p>
      {action}
    </div>
  );
}

interface NoticeProps {
  readonly tone?: Tone;
  readonly children: ReactNode;
  readonly urgent?: boolean;
}

export function Notice({ tone = 'accent', children, urgent = false }: NoticeProps) {
  return (
    <div className={classes.notice} data-tone={tone} role={urgent ? 'alert' : 'status'}>
      {children}
    </div>
  );
}

const PATIENCE_MS = 200;

/** True when something has taken longer than a person takes for instant. */
export function useSlow(waiting: boolean): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = window.setTimeout(() => setSlow(true), PATIENCE_MS);
    return () => {
      window.clearTimeout(timer);
      setSlow(false);
    };
  }, [waiting]);
  return waiting && slow;
}

/** Lines of about the height of what is coming; nothing at all for the first 200 ms. */
export function Skeleton({ lines = 6 }: { readonly lines?: number }) {
  const slow = useSlow(true);
  if (!slow) return null;
  return (
    <div aria-hidden>
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} className={classes.skeleton} style={{ width: `${90 - ((index * 17) % 45)}%`, marginBlock: 14 }} />
      ))}
    </div>
  );
}
