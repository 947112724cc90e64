import { ActionIcon, Button, Select, Switch } from '@mantine/core';
import { IconDownload, IconPlayerPause, IconPlayerPlay, IconRewindBackward10, IconRewindForward10 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useFormat } from '@/shared/i18n/format';
import { useCan } from '@/shared/session/session';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { download } from '@/shared/table/download';
import { Notice } from '@/shared/ui/bits';
import { clock } from '@/shared/ui/elapsed';
import type { Recording, Waveform } from './contacts';
import { Marks } from './marks';
import { pauses, silences, type Span } from './sound';
import { SPEEDS, usePlayer, type Player } from './use-player';
import { WaveformView } from './waveform';
import classes from './contacts.module.css';

const NO_SPANS: readonly Span[] = [];
const STEP_MS = 10_000;
const KEY_MS = 5_000;

interface RecordingProps {
  readonly recording: Recording;
  /** Keys belong to the first recording of the page. */
  readonly first: boolean;
}

/** A recording: heard here, or why it can not be. */
export function RecordingView({ recording, first }: RecordingProps) {
  const { t } = useTranslation('contacts');
  const can = useCan();
  const format = useFormat();
  if (recording.deleted_at !== null) {
    const why = recording.deleted_why === 'quota' || recording.deleted_why === 'erasure' ? recording.deleted_why : 'retention';
    return <p className={classes.soft}>{t('recording.deleted', { at: format.dateTime(recording.deleted_at), why: t(`recording.why.${why}`) })}</p>;
  }
  if (recording.state === 'missing') return <Notice tone="bad">{t('recording.missing')}</Notice>;
  if (!can('recordings.play')) return <p className={classes.soft}>{t('recording.notYours')}</p>;
  if (!recording.playable) return <p className={classes.soft}>{recording.ended_at === null ? t('recording.running') : t('recording.notYet')}</p>;
  return <Playable recording={recording} first={first} />;
}

function Playable({ recording, first }: RecordingProps) {
  const { t } = useTranslation('contacts');
  const { data: shape } = useQuery({
    queryKey: ['recordings', recording.id, 'waveform'],
    queryFn: ({ signal }) => call(api.GET('/api/recordings/{recording_id}/waveform', { params: { path: { recording_id: recording.id } }, signal })),
    enabled: recording.has_waveform,
    staleTime: Infinity,
  });
  const duration = recording.duration_ms ?? shape?.duration_ms ?? 0;
  const quiet = useMemo(() => (shape === undefined ? NO_SPANS : silences(shape)), [shape]);
  const paused = useMemo(() => pauses(recording.marks, duration), [recording.marks, duration]);
  const [audio, player] = usePlayer(quiet, duration);
  const run = { group: 'list', palette: false } as const;
  useShortcut(first ? { keys: 'k', label: t('player.toggle'), ...run, run: player.toggle } : null);
  useShortcut(first ? { keys: 'j', label: t('player.back'), ...run, run: () => player.seek(player.at - STEP_MS) } : null);
  useShortcut(first ? { keys: 'l', label: t('player.forward'), ...run, run: () => player.seek(player.at + STEP_MS) } : null);
  return (
    <div className={classes.player} role="group" aria-label={t('player.label')}>
      {/* A conversation has no captions; its note and timeline stand beside it. */}
      {/* eslint-disable-next-line jsx-a11y/media-has-caption */}
      <audio ref={audio} src={`/api/recordings/${recording.id}/audio`} preload="none" />
      {player.failed && <Notice tone="bad" urgent>{t('player.failed')}</Notice>}
      {shape !== undefined && (
        <div className={classes.sides}>
          <Sides shape={shape} />
          <WaveformView shape={shape} pauses={paused} marks={recording.marks} at={player.at} onSeek={player.seek} />
        </div>
      )}
      <Position player={player} duration={duration} />
      <Controls recording={recording} player={player} duration={duration} skippable={quiet.length > 0} />
      <Marks recording={recording} at={player.at} seek={player.seek} />
    </div>
  );
}

function Sides({ shape }: { readonly shape: Waveform }) {
  const { t } = useTranslation('contacts');
  const format = useFormat();
  return (
    <ul className={classes.sideNames}>
      {shape.sides.map((side, lane) => (
        <li key={side} data-side={side}>
          {t(side === 'customer' ? 'side.customer' : 'side.centre')}
          {shape.levels[lane] !== undefined && <span className={classes.level}>{t('side.level', { level: format.number(Math.round(shape.levels[lane])) })}</span>}
        </li>
      ))}
    </ul>
  );
}

/** The same as a click into the waveform, for everybody. */
function Position({ player, duration }: { readonly player: Player; readonly duration: number }) {
  const { t } = useTranslation('contacts');
  return (
    <input
      className={classes.position}
      type="range"
      min={0}
      max={Math.max(1, duration)}
      step={KEY_MS}
      value={Math.min(player.at, duration)}
      aria-label={t('player.position')}
      aria-valuetext={t('player.of', { at: clock(player.at), whole: clock(duration) })}
      onChange={(event) => player.seek(Number(event.currentTarget.value))}
    />
  );
}

interface ControlsProps {
  readonly recording: Recording;
  readonly player: Player;
  readonly duration: number;
  readonly skippable: boolean;
}

function Controls({ recording, player, duration, skippable }: ControlsProps) {
  const { t } = useTranslation('contacts');
  const can = useCan();
  return (
    <div className={classes.controls}>
      <ActionIcon variant="subtle" color="gray" aria-label={t('player.back')} aria-keyshortcuts="j" onClick={() => player.seek(player.at - STEP_MS)}>
        <IconRewindBackward10 size={18} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="filled" size={34} aria-label={player.playing ? t('player.pause') : t('player.play')} aria-keyshortcuts="k" onClick={player.toggle}>
        {player.playing ? <IconPlayerPause size={18} aria-hidden /> : <IconPlayerPlay size={18} aria-hidden />}
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" aria-label={t('player.forward')} aria-keyshortcuts="l" onClick={() => player.seek(player.at + STEP_MS)}>
        <IconRewindForward10 size={18} aria-hidden />
      </ActionIcon>
      <span className={classes.time}>{t('player.of', { at: clock(player.at), whole: clock(duration) })}</span>
      <Select className={classes.speed} aria-label={t('player.speed')} data={SPEEDS.map((value) => ({ value: String(value), label: `${value}×` }))} value={String(player.speed)} allowDeselect={false} onChange={(value) => player.setSpeed(Number(value ?? 1))} />
      {skippable && <Switch label={t('player.skip')} checked={player.skips} onChange={(event) => player.setSkips(event.currentTarget.checked)} />}
      {can('recordings.download') && <Download id={recording.id} />}
    </div>
  );
}

function Download({ id }: { readonly id: string }) {
  const { t } = useTranslation('contacts');
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      await download(`/api/recordings/${id}/download`, {}, `${id}.wav`);
    } catch (error) {
      toast.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button className={classes.download} variant="default" size="compact-sm" leftSection={<IconDownload size={15} aria-hidden />} loading={busy} title={t('player.trace')} onClick={() => void run()}>
      {t('player.download')}
    </Button>
  );
}
