import { playTo } from '@/shared/softphone/devices';

/** Tones made on the spot: the ring of this phone, and what is heard while another one rings. */
export type Tone = 'ring' | 'knock' | 'ringback';

interface Pattern {
  readonly hertz: readonly number[];
  /** Seconds of sound and of silence, in turn. */
  readonly cadence: readonly number[];
  readonly loudness: number;
}

/** ETSI TR 101 041-2: Europe's ringing tone is 425 Hz, 1 s on and 4 s off. The ring is two notes that carry across a room. */
const PATTERNS: Readonly<Record<Tone, Pattern>> = {
  ring: { hertz: [660, 880], cadence: [0.4, 0.2, 0.4, 2], loudness: 0.25 },
  knock: { hertz: [660], cadence: [0.15, 4], loudness: 0.06 },
  ringback: { hertz: [425], cadence: [1, 4], loudness: 0.08 },
};

const AHEAD_SECONDS = 30; // planned at once; a page in the background gets no timers to rely on
const EDGE_SECONDS = 0.01; // without it a tone begins and ends with a click

class Player {
  private readonly context = new AudioContext();
  private readonly audio = new Audio();
  private timer: number;

  constructor(
    private readonly pattern: Pattern,
    device: string,
  ) {
    const out = this.context.createMediaStreamDestination();
    const gain = this.context.createGain();
    gain.gain.value = 0;
    gain.connect(out);
    for (const hertz of pattern.hertz) {
      const tone = this.context.createOscillator();
      tone.frequency.value = hertz;
      tone.connect(gain);
      tone.start();
    }
    this.audio.srcObject = out.stream;
    void this.context.resume().catch(() => undefined);
    void playTo(this.audio, device);
    const plan = (from: number) => this.plan(gain.gain, from);
    let planned = plan(this.context.currentTime);
    this.timer = window.setInterval(() => {
      planned = plan(Math.max(planned, this.context.currentTime));
    }, (AHEAD_SECONDS / 2) * 1000);
  }

  private plan(gain: AudioParam, from: number): number {
    let at = from;
    while (at < from + AHEAD_SECONDS) {
      for (const [index, seconds] of this.pattern.cadence.entries()) {
        const level = index % 2 === 0 ? this.pattern.loudness : 0;
        gain.setTargetAtTime(level, at, EDGE_SECONDS);
        at += seconds;
      }
    }
    return at;
  }

  stop(): void {
    window.clearInterval(this.timer);
    this.audio.pause();
    this.audio.srcObject = null;
    void this.context.close();
  }
}

/** At most one tone at a time. */
export class Bell {
  private playing: { readonly tone: Tone; readonly device: string; readonly player: Player } | null = null;

  play(tone: Tone | null, device: string): void {
    if (tone !== null && this.playing?.tone === tone && this.playing.device === device) return;
    this.playing?.player.stop();
    this.playing = tone === null ? null : { tone, device, player: new Player(PATTERNS[tone], device) };
  }
}
