/** What a player needs to know of a recording's sound: bars to draw, silences to skip, pauses to show. Pure. */
import type { Mark, Waveform } from './contacts';

export interface Span {
  /** Milliseconds from the beginning. */
  readonly from: number;
  readonly to: number;
}

/** A peak (0 to 255) below this is nobody speaking: noise of a line stays under it. */
export const QUIET = 10;
/** Shorter silences are how people talk. */
export const LEAST_SILENCE_MS = 1500;
/** Kept at the ends of a silence, so that no first syllable is lost. */
export const MARGIN_MS = 250;

/** One side as `count` bars from 0 to 1, each the loudest of its stretch. */
export function bars(peaks: readonly number[], count: number): number[] {
  if (peaks.length === 0 || count <= 0) return [];
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * peaks.length) / count);
    const to = Math.max(from + 1, Math.floor(((index + 1) * peaks.length) / count));
    let most = 0;
    for (let at = from; at < to; at += 1) most = Math.max(most, peaks[at] ?? 0);
    return most / 255;
  });
}

/** Stretches in which no side speaks. */
export function silences({ peaks, duration_ms }: Pick<Waveform, 'peaks' | 'duration_ms'>): Span[] {
  const length = Math.max(0, ...peaks.map((side) => side.length));
  if (length === 0) return [];
  const step = duration_ms / length;
  const found: Span[] = [];
  let from: number | null = null;
  for (let at = 0; at <= length; at += 1) {
    const quiet = at < length && peaks.every((side) => (side[at] ?? 0) < QUIET);
    if (quiet) from ??= at;
    else if (from !== null) {
      const span = { from: from * step + MARGIN_MS, to: at * step - MARGIN_MS };
      if ((at - from) * step >= LEAST_SILENCE_MS) found.push(span);
      from = null;
    }
  }
  return found;
}

/** Where to go on from a moment within a silence; null: somebody speaks. */
export function after(spans: readonly Span[], at: number): number | null {
  const span = spans.find((one) => one.from <= at && at < one.to);
  return span === undefined ? null : span.to;
}

/** From each pause of the recording to where it went on. */
export function pauses(marks: readonly Mark[], duration: number): Span[] {
  const found: Span[] = [];
  let from: number | null = null;
  for (const mark of [...marks].sort((a, b) => a.at_ms - b.at_ms)) {
    if (mark.kind === 'pause') from ??= mark.at_ms;
    if (mark.kind === 'resume' && from !== null) {
      found.push({ from, to: mark.at_ms });
      from = null;
    }
  }
  if (from !== null) found.push({ from, to: duration });
  return found;
}
