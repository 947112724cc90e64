import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconMicrophone, IconMicrophoneOff, IconPhoneOff, IconPlayerPause, IconPlayerPlay, IconArrowMerge } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { State } from '@/shared/ui/bits';
import { Elapsed } from '@/shared/ui/elapsed';
import { KeypadButton } from './keypad';
import { find, type Call } from './machine';
import { shownNumber } from './number';
import { phone, usePhone } from './phone';
import { TransferButton } from './transfer-panel';
import type { Quality, Sound } from './quality';
import classes from './phone.module.css';

interface StripProps {
  readonly call: Call;
  readonly others: readonly Call[];
  readonly muted: boolean;
  readonly sound: Sound | null;
}

/** Who is talked to, how long, and what can be done now. */
export function CallStrip({ call, others, muted, sound }: StripProps) {
  const { t } = useTranslation('phone');
  const word = call.phase === 'ended' && call.cause !== null ? t(`cause.${call.cause}`) : t(call.restoring === null ? `state.${call.phase}` : 'restoring');
  return (
    <>
      <span className={classes.call} data-phase={call.phase}>
        <Party call={call} />
        <span className={classes.phase} role="status">
          <span className={classes.lamp} data-phase={call.phase} aria-hidden />
          {word}
        </span>
        {call.phase !== 'ended' && <Elapsed since={call.answeredAt ?? call.since} />}
      </span>
      {sound !== null && call.phase === 'talking' && <QualitySign sound={sound} />}
      <Actions call={call} others={others} muted={muted} />
    </>
  );
}

export function Party({ call }: { readonly call: Pick<Call, 'name' | 'number'> }) {
  const { t } = useTranslation('phone');
  const number = shownNumber(call.number);
  return (
    <span className={classes.party}>
      <strong>{call.name || number || t('unknown')}</strong>
      {call.name !== '' && number !== '' && <span className={classes.number}>{number}</span>}
    </span>
  );
}

const TONES = { good: 'good', fair: 'warn', poor: 'bad' } as const satisfies Record<Quality, string>;

function QualitySign({ sound }: { readonly sound: Sound }) {
  const { t } = useTranslation('phone');
  const details = t('figures', { loss: (sound.loss * 100).toFixed(1), jitter: sound.jitterMs, trip: sound.roundTripMs ?? '—' });
  return (
    <Tooltip label={details} events={{ hover: true, focus: true, touch: true }}>
      {/* Its figures can be reached by keyboard too. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <span className={classes.quality} tabIndex={0} aria-description={details}>
        <State tone={TONES[sound.quality]}>{t(`quality.${sound.quality}`)}</State>
      </span>
    </Tooltip>
  );
}

interface ToolProps {
  readonly label: string;
  readonly keys?: string;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly run: () => void;
  readonly children: ReactNode;
}

function Tool({ label, keys, pressed, disabled = false, run, children }: ToolProps) {
  return (
    <Tooltip label={keys === undefined ? label : `${label} (${keys})`}>
      <ActionIcon
        variant={pressed === true ? 'filled' : 'default'}
        size={34}
        aria-label={label}
        aria-pressed={pressed}
        aria-keyshortcuts={keys}
        disabled={disabled}
        onClick={run}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

function Actions({ call, others, muted }: Omit<StripProps, 'sound'>) {
  const { t } = useTranslation('phone');
  const { phone: state } = usePhone();
  if (call.phase === 'ended') return null;
  const { id, phase, pending } = call;
  const talks = phase === 'talking' || phase === 'held';
  const client = find(state, call.consultFor);
  return (
    <span className={classes.actions}>
      {talks && (
        <>
          <Tool label={t(muted ? 'unmute' : 'mute')} keys="F8" pressed={muted} run={() => phone.feed({ type: 'mute', on: !muted })}>
            {muted ? <IconMicrophoneOff size={17} aria-hidden /> : <IconMicrophone size={17} aria-hidden />}
          </Tool>
          <Tool
            label={t(phase === 'held' ? 'resume' : 'hold')}
            keys="F4"
            pressed={phase === 'held'}
            disabled={pending !== null}
            run={() => phone.feed({ type: phase === 'held' ? 'resume' : 'hold', id })}
          >
            {phase === 'held' ? <IconPlayerPlay size={17} aria-hidden /> : <IconPlayerPause size={17} aria-hidden />}
          </Tool>
        </>
      )}
      {phase === 'talking' && <KeypadButton id={id} />}
      {talks && client === undefined && <TransferButton call={call} others={others} />}
      {phase === 'talking' && client !== undefined && (
        <Button size="xs" leftSection={<IconArrowMerge size={15} aria-hidden />} disabled={pending !== null} onClick={() => phone.feed({ type: 'complete', id })}>
          {t('complete')}
        </Button>
      )}
      <Button color="red" size="xs" leftSection={<IconPhoneOff size={15} aria-hidden />} aria-keyshortcuts="F9" onClick={() => phone.feed({ type: 'hangUp', id })}>
        {t('hangUp')}
      </Button>
    </span>
  );
}
