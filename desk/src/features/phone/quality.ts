/** How a call sounds, from what WebRTC counts. */
export type Quality = 'good' | 'fair' | 'poor';

/** Sums since the call began; `jitter` and `roundTrip` in seconds as they are now. */
export interface Counted {
  readonly received: number;
  readonly lost: number;
  readonly jitter: number;
  readonly roundTrip: number | null;
  /** Of what came, as WebRTC sums it: squares of the level, and seconds (W3C webrtc-stats, totalAudioEnergy). */
  readonly energy: number;
  readonly seconds: number;
}

export interface Sound {
  readonly quality: Quality;
  /** Shares from 0 to 1 and milliseconds. */
  readonly loss: number;
  readonly jitterMs: number;
  readonly roundTripMs: number | null;
  /** How loud the other side was, in dBFS; -120 is silence. */
  readonly heardDb: number;
}

/**
 * Above the first number a call is fair, above the second poor. ITU-T G.113: G.711 with concealment loses a class at
 * about 2 % and 5 %; G.114: 150 ms one way go unnoticed, above 250 people interrupt each other.
 */
const LIMITS = { loss: [0.02, 0.05], jitterMs: [30, 60], roundTripMs: [300, 500] } as const;
const GRADES: readonly Quality[] = ['good', 'fair', 'poor'];

const grade = (value: number, [fair, poor]: readonly [number, number]): number => (value > poor ? 2 : value > fair ? 1 : 0);

/** How the time between two counts sounded. */
export function judge(before: Counted | null, now: Counted): Sound {
  const received = now.received - (before?.received ?? 0);
  const lost = Math.max(0, now.lost - (before?.lost ?? 0));
  const loss = received + lost > 0 ? lost / (received + lost) : 0;
  const jitterMs = Math.round(now.jitter * 1000);
  const roundTripMs = now.roundTrip === null ? null : Math.round(now.roundTrip * 1000);
  const worst = Math.max(grade(loss, LIMITS.loss), grade(jitterMs, LIMITS.jitterMs), grade(roundTripMs ?? 0, LIMITS.roundTripMs));
  const seconds = now.seconds - (before?.seconds ?? 0);
  const power = seconds > 0 ? Math.max(0, now.energy - (before?.energy ?? 0)) / seconds : 0;
  return { quality: GRADES[worst] ?? 'good', loss, jitterMs, roundTripMs, heardDb: Math.round(Math.max(-120, 10 * Math.log10(power + 1e-12))) };
}

interface Entry {
  readonly type: string;
  readonly kind?: string;
  readonly nominated?: boolean;
  readonly packetsReceived?: number;
  readonly packetsLost?: number;
  readonly jitter?: number;
  readonly roundTripTime?: number;
  readonly currentRoundTripTime?: number;
  readonly totalAudioEnergy?: number;
  readonly totalSamplesDuration?: number;
}

/** The counts among a report's entries; null before the first packet. */
export function count(entries: Iterable<Entry>): Counted | null {
  let heard: Entry | null = null;
  let roundTrip: number | null = null;
  for (const one of entries) {
    if (one.type === 'inbound-rtp' && one.kind === 'audio') heard = one;
    // The far end's report tells the way of the audio; ICE's own checks stand in until there is one.
    if (one.type === 'remote-inbound-rtp' && one.roundTripTime !== undefined) roundTrip = one.roundTripTime;
    if (one.type === 'candidate-pair' && one.nominated === true) roundTrip ??= one.currentRoundTripTime ?? null;
  }
  if (heard === null) return null;
  return { received: heard.packetsReceived ?? 0, lost: heard.packetsLost ?? 0, jitter: heard.jitter ?? 0, roundTrip, energy: heard.totalAudioEnergy ?? 0, seconds: heard.totalSamplesDuration ?? 0 };
}

export async function measure(connection: RTCPeerConnection): Promise<Counted | null> {
  const report = await connection.getStats();
  return count(report.values() as Iterable<Entry>);
}
