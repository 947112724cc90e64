/** Why a page has no microphone. */
export type DeviceTrouble = 'insecure' | 'unsupported' | 'denied' | 'no_microphone' | 'microphone_busy';

/** Which microphone, which loudspeaker, and where it rings. Empty: what the system prefers. */
export interface Choice {
  readonly microphone: string;
  readonly speaker: string;
  readonly bell: string;
  /** Echo, noise and level are looked after by the browser. */
  readonly cleaned: boolean;
}

export interface Device {
  readonly id: string;
  readonly label: string;
}

export interface Devices {
  readonly microphones: readonly Device[];
  readonly speakers: readonly Device[];
}

const KEY = 'centrala.phone.devices';
export const DEFAULT_CHOICE: Choice = { microphone: '', speaker: '', bell: '', cleaned: true };

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export function loadChoice(): Choice {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Record<keyof Choice, unknown>>;
    return { microphone: text(kept.microphone), speaker: text(kept.speaker), bell: text(kept.bell), cleaned: kept.cleaned !== false };
  } catch {
    return DEFAULT_CHOICE;
  }
}

export function saveChoice(choice: Choice): void {
  localStorage.setItem(KEY, JSON.stringify(choice));
}

/** Why no microphone could be had, in words that the texts have (W3C Media Capture 10.2). */
export function microphoneTrouble(error: unknown): DeviceTrouble {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  return name === 'NotReadableError' || name === 'AbortError' ? 'microphone_busy' : 'no_microphone';
}

/** What this page can not do at all; browsers give a microphone only to pages that came by HTTPS. */
export function missing(): DeviceTrouble | null {
  if (!window.isSecureContext) return 'insecure';
  const known: Partial<Navigator> = navigator;
  return known.mediaDevices === undefined || known.locks === undefined || typeof RTCPeerConnection === 'undefined' ? 'unsupported' : null;
}

/** Not every browser's OverconstrainedError is an Error. */
const nameOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : '');

const CHOSEN_IS_GONE: ReadonlySet<string> = new Set(['OverconstrainedError', 'NotFoundError']);

/**
 * Opens the chosen microphone, or another one when the chosen is not plugged in. It is demanded and not only preferred:
 * Chromium takes the system's own for a preferred one.
 */
export async function openMicrophone({ microphone, cleaned }: Choice): Promise<MediaStream> {
  const wanted = { echoCancellation: cleaned, noiseSuppression: cleaned, autoGainControl: cleaned };
  if (microphone !== '') {
    try {
      return await navigator.mediaDevices.getUserMedia({ audio: { ...wanted, deviceId: { exact: microphone } } });
    } catch (error) {
      if (!CHOSEN_IS_GONE.has(nameOf(error))) throw error;
    }
  }
  return navigator.mediaDevices.getUserMedia({ audio: wanted });
}

export const close = (stream: MediaStream | undefined): void => stream?.getTracks().forEach((track) => track.stop());

/** Until a microphone was allowed, browsers give devices without names; those are left out. */
export async function listDevices(): Promise<Devices> {
  const all = await navigator.mediaDevices.enumerateDevices();
  const of = (kind: MediaDeviceKind): Device[] =>
    all.filter((one) => one.kind === kind && one.label !== '' && one.deviceId !== '').map((one) => ({ id: one.deviceId, label: one.label }));
  return { microphones: of('audioinput'), speakers: of('audiooutput') };
}

/** Plays to a device; one that is gone, or a browser that can not choose, plays to the system's. */
export async function playTo(audio: HTMLAudioElement, device: string): Promise<void> {
  const able: Partial<HTMLAudioElement> = audio;
  if (able.setSinkId !== undefined && audio.sinkId !== device) await audio.setSinkId(device).catch(() => audio.setSinkId('').catch(() => undefined));
  // Before the first click on the page a browser may refuse to play; the picture of the call is there all the same.
  await audio.play().catch(() => undefined);
}

/** Tells about fifteen times a second how loud a stream is, 0 to 1. */
export function meter(stream: MediaStream, show: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  const samples = new Float32Array(analyser.fftSize);
  context.createMediaStreamSource(stream).connect(analyser);
  const timer = window.setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, one) => sum + one * one, 0) / samples.length;
    // From -60 dB, the hum of a quiet room, to 0 dB.
    show(Math.min(1, Math.max(0, 1 + (10 * Math.log10(power + 1e-12)) / 60)));
  }, 66);
  return () => {
    window.clearInterval(timer);
    void context.close();
  };
}
