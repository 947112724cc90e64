import { api, call } from '@/shared/api/http';
import { listDevices, loadChoice } from '@/shared/softphone/devices';
import { passed, type Results } from './measure';

const MAX_NAME = 120; // characters

/** Tells the centre what was found; supervisors see it. */
export async function saveCheck(results: Results): Promise<void> {
  const [devices, choice] = [await listDevices(), loadChoice()];
  const name = (all: readonly { readonly id: string; readonly label: string }[], id: string) => (all.find((one) => one.id === id) ?? all[0])?.label.slice(0, MAX_NAME) ?? '';
  await call(
    api.PUT('/api/work/selftest', {
      body: {
        passed: passed(results),
        microphone: name(devices.microphones, choice.microphone),
        speaker: name(devices.speakers, choice.speaker),
        microphone_level: results.microphoneDb,
        echo: results.echo,
        heard: results.heard,
        loss: results.network?.lost ?? null,
        jitter_ms: results.network?.jitterMs ?? null,
        round_trip_ms: results.network?.roundTripMs ?? null,
      },
    }),
  );
}
