import { useEffect, useState } from 'react';
import classes from './elapsed.module.css';

const two = (value: number): string => String(value).padStart(2, '0');

/** 4:05, 1:00:09. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Milliseconds since the epoch, twice a second. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 500);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}

/** `since` in milliseconds; `offset`: how far the clock that gave it is ahead of this machine's. */
export function Elapsed({ since, offset = 0 }: { readonly since: number; readonly offset?: number }) {
  return (
    <span className={classes.elapsed} role="timer">
      {clock(useNow() + offset - since)}
    </span>
  );
}

/** What is left until a moment; never below zero. */
export function Countdown({ until, offset = 0 }: { readonly until: number; readonly offset?: number }) {
  const left = until - (useNow() + offset);
  return (
    <span className={classes.elapsed} role="timer" data-late={left < 10_000}>
      {clock(left)}
    </span>
  );
}
