import { useSyncExternalStore } from 'react';

const KEY = 'centrala.board.sound-off';
const listeners = new Set<() => void>();
const isOn = (): boolean => localStorage.getItem(KEY) === null;

export const sound = {
  set(on: boolean): void {
    if (on) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, '1');
    for (const listener of listeners) listener();
  },
};

export function useSoundOn(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, isOn);
}

const TONES = [660, 880] as const; // Hz; rising, so that it is told from a ring
const LENGTH = 0.18; // seconds of each
const LOUDNESS = 0.12;

/** Two short tones. A page that nobody has touched yet may not sound: browsers forbid it, and say so in the console. */
export function alarm(): void {
  if (!isOn() || !navigator.userActivation.hasBeenActive) return;
  const context = new AudioContext();
  TONES.forEach((frequency, place) => {
    const at = context.currentTime + place * LENGTH;
    const [tone, gain] = [context.createOscillator(), context.createGain()];
    tone.frequency.value = frequency;
    gain.gain.setValueAtTime(LOUDNESS, at);
    gain.gain.exponentialRampToValueAtTime(0.001, at + LENGTH);
    tone.connect(gain).connect(context.destination);
    tone.start(at);
    tone.stop(at + LENGTH);
    if (place === TONES.length - 1) tone.addEventListener('ended', () => void context.close());
  });
}
