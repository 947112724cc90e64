import { api, call } from '@/shared/api/http';
import { listDevices, loadChoice } from '@/shared/softphone/devices';
import { passed, type Results, type Way } from './measure';

const MAX_NAME = 120; // characters

/** Tells the centre what was found; supervisors see it. */
export async function saveCheck(way: Way, results: Results): Promise<void> {
  const [devices, choice] = [await listDevices(), loadChoice()];
  const name = (all: readonly { readonly id: string; readonly label: string }[], id: string) => (all.find((one) => one.id === id) ?? all[0])?.label.slice(0, MAX_NAME) ?? '';
  const network = way === 'call' ? results.call : results.network;
  await call(
    api.PUT('/api/work/selftest', {
      body: {
        passed: passed(way, results),
        microphone: name(devices.microphones, choice.microphone),
        speaker: name(devices.speakers, choice.speaker),
        microphone_level: results.microphoneDb,
        echo: results.echo,
        heard: results.heard,
        by_call: way === 'call',
        heard_oneself: results.replayed,
        returned_level: results.call?.returnedDb ?? null,
        loss: network?.lost ?? null,
        jitter_ms: network?.jitterMs ?? null,
        round_trip_ms: network?.roundTripMs ?? null,
      },
    }),
  );
}
