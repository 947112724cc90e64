import { close, listDevices, loadChoice, meter, openMicrophone, playTo, saveChoice, type Choice } from '@/shared/softphone/devices';
import type { PhoneState } from './machine';
import { Bell, type Tone } from './ring';

/** Microphones and loudspeakers of the calls. Each call has its own stream: holding one must not silence another. */
export class Audios {
  choice: Choice = loadChoice();
  private readonly bell = new Bell();
  private readonly streams = new Map<string, MediaStream>();
  private readonly players = new Map<string, HTMLAudioElement>();
  /** A call's microphone was unplugged, or forbidden while it was used. */
  onLost: (id: string) => void = () => undefined;

  async open(id: string): Promise<MediaStream> {
    const stream = await openMicrophone(this.choice);
    this.keep(id, stream);
    return stream;
  }

  private keep(id: string, stream: MediaStream): void {
    this.streams.set(id, stream);
    // Not fired by our own `stop` (W3C Media Capture 4.3.1), so this is never the end of a call.
    for (const track of stream.getAudioTracks()) track.addEventListener('ended', () => this.streams.get(id) === stream && this.onLost(id));
  }

  play(id: string, stream: MediaStream): void {
    const audio = this.players.get(id) ?? new Audio();
    this.players.set(id, audio);
    audio.srcObject = stream;
    void playTo(audio, this.choice.speaker);
  }

  end(id: string): void {
    close(this.streams.get(id));
    this.streams.delete(id);
    const audio = this.players.get(id);
    if (audio !== undefined) {
      audio.pause();
      audio.srcObject = null;
    }
    this.players.delete(id);
  }

  endAll(): void {
    for (const id of new Set([...this.streams.keys(), ...this.players.keys()])) this.end(id);
    this.bell.play(null, '');
  }

  /** Other devices from now on, in the calls that are up too. */
  async choose(choice: Choice, connection: (id: string) => RTCPeerConnection | null): Promise<void> {
    const other = choice.microphone !== this.choice.microphone || choice.cleaned !== this.choice.cleaned;
    this.choice = choice;
    saveChoice(choice);
    for (const audio of this.players.values()) void playTo(audio, choice.speaker);
    if (other) await Promise.all([...this.streams.keys()].map((id) => this.reopen(id, connection(id))));
  }

  /**
   * Something was plugged in or out: sound goes to the chosen loudspeaker where it is, else to the system's; a call whose
   * microphone is gone, or whose chosen one has come back, gets a new one.
   */
  async replug(connection: (id: string) => RTCPeerConnection | null): Promise<void> {
    const { microphones, speakers } = await listDevices();
    const { microphone, speaker } = this.choice;
    const out = speakers.some((one) => one.id === speaker) ? speaker : '';
    for (const audio of this.players.values()) void playTo(audio, out);
    const back = microphones.some((one) => one.id === microphone);
    const stale = [...this.streams].filter(([, stream]) => {
      const [track] = stream.getAudioTracks();
      return track?.readyState !== 'live' || (back && track.getSettings().deviceId !== microphone);
    });
    await Promise.all(stale.map(([id]) => this.reopen(id, connection(id))));
  }

  async reopen(id: string, connection: RTCPeerConnection | null): Promise<void> {
    const sender = connection?.getSenders().find((one) => one.track?.kind === 'audio');
    const fresh = await openMicrophone(this.choice);
    const [track] = fresh.getAudioTracks();
    if (sender === undefined || track === undefined) {
      close(fresh);
      return;
    }
    // Muted or on hold: the new microphone is as silent as the old one was.
    track.enabled = sender.track?.enabled ?? true;
    await sender.replaceTrack(track);
    if (!this.streams.has(id)) {
      // The call ended meanwhile.
      close(fresh);
      return;
    }
    close(this.streams.get(id));
    this.keep(id, fresh);
  }

  /** How loud the microphone is: of the call that is up, else of one that is opened for it. */
  watchLevel(show: (level: number) => void, failed: (error: unknown) => void): () => void {
    const [current] = this.streams.values();
    let stop: (() => void) | null = current === undefined ? null : meter(current, show);
    let over = false;
    if (current === undefined) {
      openMicrophone(this.choice).then((stream) => {
        const end = meter(stream, show);
        stop = () => {
          end();
          close(stream);
        };
        if (over) stop();
      }, failed);
    }
    return () => {
      over = true;
      stop?.();
    };
  }

  /** The tone that fits what the phone does. */
  ring(state: PhoneState): void {
    const tone = toneFor(state);
    this.bell.play(tone, tone === 'ring' ? this.choice.bell : this.choice.speaker);
  }
}

export function toneFor({ calls }: PhoneState): Tone | null {
  const busy = calls.some((one) => one.phase === 'talking' || one.phase === 'calling');
  if (calls.some((one) => one.phase === 'ringing' && one.pending === null)) return busy ? 'knock' : 'ring';
  return calls.some((one) => one.phase === 'calling' && one.rings) ? 'ringback' : null;
}
