import { useTranslation } from 'react-i18next';
import { useShortcut, type Shortcut } from '@/shared/shortcuts/shortcuts';
import { isLive, mainCall, type PhoneState } from './machine';
import { phone } from './phone';

/** Keys that work wherever somebody types; the palette finds them by name. */
export function PhoneKeys({ state }: { readonly state: PhoneState }) {
  const { t } = useTranslation('phone');
  const ringing = state.calls.find((one) => one.phase === 'ringing');
  const main = mainCall(state);
  const live = main !== undefined && isLive(main) ? main : undefined;
  const talks = live?.phase === 'talking' || live?.phase === 'held' ? live : undefined;
  const key = (keys: string, label: string, run: () => void): Shortcut => ({ keys, label, group: 'general', palette: true, run });
  useShortcut(ringing === undefined ? null : key('f2', t('answer'), () => phone.feed({ type: 'answer', id: ringing.id })));
  useShortcut(
    talks === undefined
      ? null
      : key('f4', t(talks.phase === 'held' ? 'resume' : 'hold'), () => phone.feed({ type: talks.phase === 'held' ? 'resume' : 'hold', id: talks.id })),
  );
  useShortcut(talks === undefined ? null : key('f8', t(state.muted ? 'unmute' : 'mute'), () => phone.feed({ type: 'mute', on: !state.muted })));
  const ends = live ?? ringing;
  useShortcut(ends === undefined ? null : key('f9', t('hangUp'), () => phone.feed({ type: 'hangUp', id: ends.id })));
  return null;
}
