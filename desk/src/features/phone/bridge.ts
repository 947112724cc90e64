import { softphone, type SoftCall } from '@/shared/softphone/softphone';
import { isLive, isOfDevices, type Call, type PhoneState } from './machine';
import { phone } from './phone';

const shared = (call: Call): SoftCall[] =>
  call.phase === 'ended' ? [] : [{ id: call.id, contact: call.contact, number: call.number, phase: call.phase, busy: call.pending !== null }];

const actions = {
  answer: (id: string) => phone.feed({ type: 'answer', id }),
  hangUp: (id: string) => phone.feed({ type: 'hangUp', id }),
  mute: (on: boolean) => phone.feed({ type: 'mute', on }),
  digits: (id: string, digits: string) => phone.feed({ type: 'digits', id, digits }),
  dial: (number: string) => {
    const id = crypto.randomUUID();
    phone.feed({ type: 'dial', id, number, at: Date.now() });
    return id;
  },
  take: () => phone.take(),
};

/** Lends the phone to the rest of the desk for as long as it runs. */
export function lendPhone(): () => void {
  const provide = () => {
    const { phone: state, sound } = phone.get();
    softphone.provide({ ready: state.link === 'ready', link: state.link, trouble: isOfDevices(state.trouble) ? state.trouble : null, calls: state.calls.flatMap(shared), muted: state.muted, sound, ...actions });
  };
  provide();
  const release = phone.subscribe(provide);
  return () => {
    release();
    softphone.provide(null);
  };
}

/** The calls that the phone shows itself: those of contacts stand with the contact. */
export function ownCalls(state: PhoneState, taken: ReadonlySet<string>): PhoneState {
  const calls = state.calls.filter((one) => one.contact === null || !(taken.has(one.contact) || !isLive(one)));
  return calls.length === state.calls.length ? state : { ...state, calls };
}
