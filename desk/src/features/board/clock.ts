import { useSyncExternalStore } from 'react';

/** One timer for all the times on the page: two hundred rows with a timer each would wake the browser two hundred times a second. */
let skew = 0; // seconds that the server's clock is ahead of this computer's
const now = (): number => Math.floor(Date.now() / 1000 + skew);
let seconds = now();
let timer: number | null = null;
const listeners = new Set<() => void>();

function tick(): void {
  seconds = now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === null) {
    tick();
    timer = window.setInterval(tick, 1000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && timer !== null) {
      window.clearInterval(timer);
      timer = null;
    }
  };
}

/** The server has just said what time it is; times on the page are counted by its clock, not by a computer that runs late. */
export function setServerTime(moment: string): void {
  const ahead = Date.parse(moment) / 1000 - Date.now() / 1000;
  if (Number.isFinite(ahead)) skew = ahead;
}

/** Seconds since 1970 by the server's clock; the caller is drawn anew each second. */
export const useSeconds = (): number => useSyncExternalStore(subscribe, () => seconds);

const two = (value: number): string => String(value).padStart(2, '0');

/** 4:05, 1:00:09, 3 d would be 72:00:00: a wait is never that long, and a state that is deserves to be seen. */
export function clockText(total: number): string {
  const whole = Math.max(0, Math.floor(total));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** For screen readers and `<time>`: ISO 8601. */
export const durationText = (total: number): string => `PT${Math.max(0, Math.floor(total))}S`;
