/** What a workplace check measures, as pure functions over samples. */

export interface Network {
  /** Milliseconds, of the median request. */
  readonly roundTripMs: number;
  /** Mean difference of neighbours: what a jitter buffer has to even out. */
  readonly jitterMs: number;
  /** Share from 0 to 1 of the requests that had no answer in time. */
  readonly lost: number;
}

/** `times` in milliseconds, null for what was not answered. */
export function network(times: readonly (number | null)[]): Network | null {
  const answered = times.filter((one) => one !== null);
  if (answered.length === 0) return null;
  const sorted = answered.toSorted((a, b) => a - b);
  const steps = answered.slice(1).map((one, index) => Math.abs(one - (answered[index] ?? one)));
  return {
    roundTripMs: Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0),
    jitterMs: steps.length === 0 ? 0 : Math.round(steps.reduce((sum, one) => sum + one, 0) / steps.length),
    lost: (times.length - answered.length) / times.length,
  };
}

/** ITU-T G.114: 150 ms one way go unnoticed; beyond 60 ms of jitter a buffer drops or delays speech. */
export const LIMITS = { roundTripMs: 300, jitterMs: 60, lost: 0.02 } as const;

export const networkGood = (one: Network): boolean => one.roundTripMs <= LIMITS.roundTripMs && one.jitterMs <= LIMITS.jitterMs && one.lost <= LIMITS.lost;

/** dBFS of samples between -1 and 1; silence is -120. */
export function decibels(samples: Float32Array): number {
  const power = samples.reduce((sum, one) => sum + one * one, 0) / Math.max(1, samples.length);
  return Math.max(-120, 10 * Math.log10(power + 1e-12));
}

/** Below it a headset is muted, unplugged or lies on the table: speech in front of a microphone is above -45 dBFS. */
export const SPEECH_DB = -45;

export const heardSpeech = (peak: number): boolean => peak > SPEECH_DB;

/** A tone that comes out of the speaker and stands this much above the room in the microphone is an echo for the client. */
const ECHO_DB = 12;

export const isEcho = (before: number, during: number): boolean => during - before > ECHO_DB && during > -70;

/** What WebRTC counted in a stretch of the test call. */
export interface Heard {
  readonly loss: number;
  readonly jitterMs: number;
  readonly roundTripMs: number | null;
  readonly heardDb: number;
}

export interface TestCall extends Network {
  /** The loudest of what came back, in dBFS. */
  readonly returnedDb: number;
}

/** The figures of the whole test call; null when nothing came back at all. */
export function callFigures(all: readonly Heard[]): TestCall | null {
  // The first stretch has the moments before both sides knew each other.
  const counted = all.length > 1 ? all.slice(1) : all;
  if (counted.length === 0) return null;
  const trips = counted.flatMap((one) => (one.roundTripMs === null ? [] : [one.roundTripMs])).toSorted((a, b) => a - b);
  return {
    roundTripMs: trips[Math.floor(trips.length / 2)] ?? 0,
    jitterMs: Math.max(...counted.map((one) => one.jitterMs)),
    lost: counted.reduce((sum, one) => sum + one.loss, 0) / counted.length,
    returnedDb: Math.max(...counted.map((one) => one.heardDb)),
  };
}

/** One's own voice came back: what the phone sends and what it plays both work. */
export const cameBack = (call: TestCall): boolean => heardSpeech(call.returnedDb);

export interface Results {
  readonly microphoneDb: number | null;
  readonly heard: boolean | null;
  readonly echo: boolean | null;
  readonly replayed: boolean | null;
  readonly network: Network | null;
  readonly call: TestCall | null;
}

export const NOTHING: Results = { microphoneDb: null, heard: null, echo: null, replayed: null, network: null, call: null };

/** With a phone a test call tells how one sounds and what the network does; without one the page finds out by itself. */
export const STEPS = { call: ['microphone', 'speaker', 'call'], local: ['microphone', 'speaker', 'recording', 'network'] } as const;
export type Way = keyof typeof STEPS;
export type Step = (typeof STEPS)[Way][number];
export type Verdict = 'open' | 'good' | 'bad';

/** How a step stands. An echo is told, and does not fail the check: a headset is what has none. */
export function verdict(step: Step, results: Results): Verdict {
  const of = (good: boolean | null): Verdict => (good === null ? 'open' : good ? 'good' : 'bad');
  switch (step) {
    case 'microphone':
      return of(results.microphoneDb === null ? null : heardSpeech(results.microphoneDb));
    case 'speaker':
      return of(results.heard);
    case 'recording':
      return of(results.replayed);
    case 'network':
      return of(results.network === null ? null : networkGood(results.network));
    case 'call':
      return of(results.call === null || results.replayed === null ? null : results.replayed && cameBack(results.call) && networkGood(results.call));
  }
}

export const allDone = (way: Way, results: Results): boolean => STEPS[way].every((step) => verdict(step, results) !== 'open');
export const passed = (way: Way, results: Results): boolean => STEPS[way].every((step) => verdict(step, results) === 'good');
