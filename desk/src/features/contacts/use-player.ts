import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';
import { after, type Span } from './sound';

export const SPEEDS = [0.75, 1, 1.25, 1.5, 2] as const;

export interface Player {
  readonly playing: boolean;
  /** The audio could not be fetched. */
  readonly failed: boolean;
  /** Milliseconds. */
  readonly at: number;
  readonly speed: number;
  readonly skips: boolean;
  readonly toggle: () => void;
  readonly seek: (ms: number) => void;
  readonly setSpeed: (speed: number) => void;
  readonly setSkips: (skips: boolean) => void;
}

/** The audio element as state. `quiet`: what is passed over while silences are skipped. */
export function usePlayer(quiet: readonly Span[], duration: number): readonly [RefObject<HTMLAudioElement | null>, Player] {
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [failed, setFailed] = useState(false);
  const [at, setAt] = useState(0);
  const [speed, setSpeedState] = useState(1);
  const [skips, setSkips] = useState(false);
  const seek = useCallback(
    (ms: number) => {
      const bounded = Math.min(Math.max(0, ms), duration);
      if (audio.current !== null) audio.current.currentTime = bounded / 1000;
      setAt(bounded);
    },
    [duration],
  );
  const toggle = useCallback(() => {
    const element = audio.current;
    if (element === null) return;
    if (!element.paused) element.pause();
    // A refusal is told by the element's own error event.
    else element.play().catch(() => undefined);
  }, []);
  useEffect(() => {
    const element = audio.current;
    if (element === null) return undefined;
    const changed = () => setPlaying(!element.paused && !element.ended);
    const broken = () => setFailed(true);
    const names = ['play', 'pause', 'ended'] as const;
    for (const name of names) element.addEventListener(name, changed);
    element.addEventListener('error', broken);
    return () => {
      for (const name of names) element.removeEventListener(name, changed);
      element.removeEventListener('error', broken);
    };
  }, []);
  useEffect(() => {
    if (!playing) return undefined;
    let frame = 0;
    const tick = () => {
      const now = (audio.current?.currentTime ?? 0) * 1000;
      const further = skips ? after(quiet, now) : null;
      if (further === null) setAt(now);
      else seek(further);
      frame = requestAnimationFrame(tick);
    };
    frame = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(frame);
  }, [playing, skips, quiet, seek]);
  const setSpeed = useCallback((next: number) => {
    if (audio.current !== null) audio.current.playbackRate = next;
    setSpeedState(next);
  }, []);
  return [audio, { playing, failed, at, speed, skips, toggle, seek, setSpeed, setSkips }];
}
