import { close, loadChoice, openMicrophone, playTo } from '@/shared/softphone/devices';
import { decibels } from './measure';

const TONE = { hertz: 660, seconds: 1.6, loudness: 0.2 } as const;
const RECORD_MS = 3_000;
const PING = { times: 12, timeoutMs: 2_000 } as const;

const wait = (ms: number): Promise<void> => new Promise((resolve) => void window.setTimeout(resolve, ms));

/** The chosen microphone's level in dBFS, about fifteen times a second, until stopped. */
export async function listen(show: (db: number) => void): Promise<() => void> {
  const stream = await openMicrophone(loadChoice());
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  const samples = new Float32Array(analyser.fftSize);
  context.createMediaStreamSource(stream).connect(analyser);
  const timer = window.setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    show(decibels(samples));
  }, 66);
  return () => {
    window.clearInterval(timer);
    close(stream);
    void context.close();
  };
}

async function play(stream: MediaStream, ms: number): Promise<void> {
  const audio = new Audio();
  audio.srcObject = stream;
  await playTo(audio, loadChoice().speaker);
  await wait(ms);
  audio.pause();
  audio.srcObject = null;
}

/**
 * A tone from the chosen speaker, and how strongly it comes back: the level at its frequency in the microphone before and
 * during it (dB). The browser's echo canceller is off meanwhile, because what it hides it also costs.
 */
export async function tone(): Promise<{ readonly before: number; readonly during: number } | null> {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.frequency.value = TONE.hertz;
  gain.gain.value = TONE.loudness;
  oscillator.connect(gain).connect(out);
  const microphone = await openMicrophone({ ...loadChoice(), cleaned: false }).catch(() => null);
  try {
    if (microphone === null) {
      oscillator.start();
      await play(out.stream, TONE.seconds * 1000);
      return null;
    }
    const analyser = context.createAnalyser();
    analyser.fftSize = 4096;
    const bins = new Float32Array(analyser.frequencyBinCount);
    const bin = Math.round((TONE.hertz / context.sampleRate) * analyser.fftSize);
    const level = (): number => {
      analyser.getFloatFrequencyData(bins);
      return Math.max(-120, ...bins.slice(bin - 1, bin + 2));
    };
    context.createMediaStreamSource(microphone).connect(analyser);
    await wait(500);
    const before = level();
    oscillator.start();
    const playing = play(out.stream, TONE.seconds * 1000);
    await wait(TONE.seconds * 700);
    const during = level();
    await playing;
    return { before, during };
  } finally {
    close(microphone ?? undefined);
    void context.close();
  }
}

/** Three seconds of the microphone, then the same from the speaker: what a client would hear. */
export async function record(told: (phase: 'speak' | 'listen') => void): Promise<void> {
  const stream = await openMicrophone(loadChoice());
  try {
    const recorder = new MediaRecorder(stream);
    const parts: Blob[] = [];
    recorder.addEventListener('dataavailable', (event) => parts.push(event.data));
    const ended = new Promise((resolve) => recorder.addEventListener('stop', resolve, { once: true }));
    recorder.start();
    told('speak');
    await wait(RECORD_MS);
    recorder.stop();
    await ended;
    close(stream);
    told('listen');
    await replay(new Blob(parts, { type: recorder.mimeType }));
  } finally {
    close(stream);
  }
}

async function replay(sound: Blob): Promise<void> {
  // Decoded here: the page's policy lets no media come from blob addresses.
  const context = new AudioContext();
  const buffer = await context.decodeAudioData(await sound.arrayBuffer());
  const out = context.createMediaStreamDestination();
  const source = context.createBufferSource();
  source.buffer = buffer;
  source.connect(out);
  source.start();
  await play(out.stream, buffer.duration * 1000);
  await context.close();
}

/** How long the server takes to answer, in milliseconds; null for what was not answered in time. */
export async function ping(): Promise<readonly (number | null)[]> {
  const times: (number | null)[] = [];
  for (let index = 0; index < PING.times; index += 1) {
    const from = performance.now();
    const answered = await fetch(`/icon.svg?check=${index}`, { cache: 'no-store', signal: AbortSignal.timeout(PING.timeoutMs) }).then(
      () => true,
      () => false,
    );
    // The first one opens the connection.
    if (index > 0) times.push(answered ? performance.now() - from : null);
  }
  return times;
}
