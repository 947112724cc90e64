import { ActionIcon, Button, Tooltip } from '@mantine/core';
import {
  IconArrowBackUp, IconArrowMerge, IconChecks, IconHandStop, IconMicrophone, IconMicrophoneOff, IconPhoneOff, IconPlayerPause, IconPlayerPlay, IconPlayerRecord, IconUsersPlus, type Icon,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { useSoftphone, softphone } from '@/shared/softphone/softphone';
import { State, type Tone } from '@/shared/ui/bits';
import { keyCaps } from '@/shared/shortcuts/keys';
import { Countdown, Elapsed } from '@/shared/ui/elapsed';
import { companyOf, consulted, nameOf, numberOf, type WorkContact } from './document';
import { EscalateButton } from './escalate';
import { useFinish } from './finish';
import { KeypadButton } from './keypad';
import { actionOf, barState, keyOf, mainAction, type Action, type Model, type Verb } from './machine';
import { TransferButton } from './transfer';
import { ask } from './verbs';
import { perform, work } from './work';
import classes from './bar.module.css';

/** The keys of the bar. They act wherever somebody types. */
export const KEYS: Readonly<Partial<Record<Verb, string>>> = {
  mute: 'f8', unmute: 'f8', hold: 'f4', resume: 'f4', keypad: 'alt+k', transfer: 'alt+t', complete: 'alt+m', 'cancel-consult': 'alt+v', conference: 'alt+j', help: 'alt+h',
  'pause-recording': 'alt+x', 'resume-recording': 'alt+x', 'hang-up': 'f9', finish: 'alt+enter',
};

const ICONS: Readonly<Partial<Record<Verb, Icon>>> = {
  mute: IconMicrophone, unmute: IconMicrophoneOff, hold: IconPlayerPause, resume: IconPlayerPlay, 'cancel-consult': IconArrowBackUp, conference: IconUsersPlus, help: IconHandStop,
  'hang-up': IconPhoneOff, finish: IconChecks, complete: IconArrowMerge,
};

interface StripProps {
  readonly model: Model;
  readonly contact: WorkContact;
}

/** Who is talked to, how long, how it sounds, and what can be done now. */
export function ContactStrip({ model, contact }: StripProps) {
  const { t } = useTranslation('work');
  const now = barState({ ...model, document: model.document === null ? null : { ...model.document, contacts: [contact] } });
  const colleague = consulted(contact);
  const problem = [...model.refused].find(([key]) => key.startsWith(`${contact.id}:`));
  return (
    <>
      <Link to="/work" search={{ contact: contact.id } as never} className={classes.party} title={t('open')}>
        <strong>{nameOf(contact) || numberOf(contact) || t('unknown')}</strong>
        <span className={classes.number}>{contact.project}</span>
      </Link>
      <span className={classes.phase} role="status">
        <span className={classes.lamp} data-state={now} aria-hidden />
        {colleague === null ? t(`own.${now}`) : t(`consult.${colleague.state}`, { name: colleague.name })}
      </span>
      <Company contact={contact} />
      {contact.phase === 'wrap_up' && contact.until !== null ? (
        <Countdown until={Date.parse(contact.until)} offset={model.clockOffset} />
      ) : (
        <Elapsed since={Date.parse(contact.phase === 'talking' ? (contact.answered_at ?? contact.since) : contact.since)} offset={model.clockOffset} />
      )}
      <RecordingSign model={model} contact={contact} />
      <Sound />
      <Actions model={model} contact={contact} />
      {problem !== undefined && (
        <p className={classes.trouble} role="alert">
          {problem[1]}
          <button type="button" className={classes.link} onClick={() => work.read(problem[0])}>
            {t('gotIt')}
          </button>
        </p>
      )}
    </>
  );
}

/** Who else is in the talk: a colleague who has joined, a supervisor who is heard. */
function Company({ contact }: { readonly contact: WorkContact }) {
  const { t } = useTranslation('work');
  const company = companyOf(contact);
  return (
    <span className={classes.company} role="status">
      {company.map((one) => t(`company.${one.role}`, { name: one.name })).join(' · ')}
    </span>
  );
}

const TONES = { good: 'good', fair: 'warn', poor: 'bad' } as const satisfies Record<string, Tone>;

function Sound() {
  const { t } = useTranslation('work');
  const { sound } = useSoftphone();
  if (sound === null) return null;
  const figures = t('sound.figures', { loss: (sound.loss * 100).toFixed(1), jitter: sound.jitterMs, trip: sound.roundTripMs ?? '—' });
  return (
    <Tooltip label={figures} events={{ hover: true, focus: true, touch: true }}>
      {/* Its figures can be reached by keyboard too. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <span className={classes.sound} tabIndex={0} aria-description={figures}>
        <State tone={TONES[sound.quality]}>{t(`sound.${sound.quality}`)}</State>
      </span>
    </Tooltip>
  );
}

/** Whether this is recorded, always in sight; a press pauses or goes on. */
function RecordingSign({ model, contact }: StripProps) {
  const { t } = useTranslation('work');
  const verb = contact.recording === 'paused' ? 'resume-recording' : 'pause-recording';
  const action = actionOf(model, contact, verb);
  const run = () => void perform(verb, contact.id);
  useShortcut(action === null ? null : { keys: 'alt+x', label: t(`verb.${verb}`), group: 'general', palette: true, run });
  if (action === null) return contact.phase === 'talking' ? <span className={classes.facts}>{t('recording.off')}</span> : null;
  return (
    <Tooltip label={`${t(`verb.${verb}`)} (${keyCaps('alt+x', false).join('+')})`}>
      <button type="button" className={classes.recording} data-on={contact.recording === 'on'} aria-keyshortcuts="Alt+X" disabled={action.hindrance !== null} onClick={run}>
        {contact.recording === 'on' ? <IconPlayerRecord size={13} aria-hidden /> : <IconPlayerPause size={13} aria-hidden />}
        {t(`recording.${contact.recording}`)}
        <span className="visually-hidden">{t(`verb.${verb}`)}</span>
      </button>
    </Tooltip>
  );
}

function Actions({ model, contact }: StripProps) {
  const { t } = useTranslation('work');
  const finish = useFinish();
  const run = (verb: Verb) => () => {
    if (verb === 'mute' || verb === 'unmute') softphone.get().mute(verb === 'mute');
    else if (verb === 'help') void work.run(keyOf(contact.id, 'help'), () => ask.help(contact.id, !contact.help_asked));
    else if (verb === 'finish') void finish(contact.id);
    else void perform(verb as Parameters<typeof perform>[0], contact.id);
  };
  const tool = (verb: Verb) => {
    const action = actionOf(model, contact, verb);
    const label = verb === 'help' && contact.help_asked ? t('lowerHand') : t(`verb.${verb}`);
    return action !== null && <Tool key={verb} action={action} label={label} pressed={verb === 'unmute' || verb === 'resume' || (verb === 'help' && contact.help_asked)} run={run(verb)} />;
  };
  const main = mainAction({ ...model, document: model.document === null ? null : { ...model.document, contacts: [contact] } });
  const ends = actionOf(model, contact, 'hang-up');
  return (
    <span className={classes.actions}>
      {(['mute', 'unmute', 'hold', 'resume'] as const).map(tool)}
      {actionOf(model, contact, 'keypad') !== null && <KeypadButton contact={contact.id} />}
      {actionOf(model, contact, 'transfer') !== null && <TransferButton model={model} contact={contact} />}
      {(['cancel-consult', 'conference', 'help'] as const).map(tool)}
      {actionOf(model, contact, 'escalate') !== null && <EscalateButton model={model} contact={contact} />}
      {main !== null && main.verb !== 'hang-up' && <Main action={main} run={run(main.verb)} tone={main.verb === 'complete' ? 'accent' : 'good'} />}
      {ends !== null && <Main action={ends} run={run('hang-up')} tone="bad" />}
    </span>
  );
}

interface ToolProps {
  readonly action: Action;
  readonly label: string;
  readonly pressed: boolean;
  readonly run: () => void;
}

const written = (keys: string): string => keys.split('+').map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('+');

function Tool({ action: { verb, hindrance }, label, pressed, run }: ToolProps) {
  const { t } = useTranslation('work');
  const keys = KEYS[verb];
  const Sign = ICONS[verb] ?? IconChecks;
  useShortcut(keys === undefined || hindrance !== null ? null : { keys, label, group: 'general', palette: true, run });
  const why = hindrance === null || hindrance === 'asked' ? '' : ` — ${t(`hindrance.${hindrance}`)}`;
  return (
    <Tooltip label={`${label}${keys === undefined ? '' : ` (${keyCaps(keys, false).join('+')})`}${why}`}>
      <ActionIcon
        variant={pressed ? 'filled' : 'default'}
        size={34}
        aria-label={label}
        aria-pressed={pressed}
        aria-keyshortcuts={keys === undefined ? undefined : written(keys)}
        disabled={hindrance !== null}
        onClick={run}
      >
        <Sign size={17} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

interface MainProps {
  readonly action: Action;
  readonly run: () => void;
  readonly tone: 'good' | 'bad' | 'accent';
}

/** A button that may not be pressed stays reachable, so that its reason can be read. */
function Main({ action: { verb, hindrance }, run, tone }: MainProps) {
  const { t } = useTranslation('work');
  const keys = KEYS[verb] ?? '';
  const Sign = ICONS[verb] ?? IconChecks;
  const stopped = hindrance !== null;
  useShortcut(stopped ? null : { keys, label: t(`verb.${verb}`), group: 'general', palette: true, run });
  const why = hindrance === null || hindrance === 'asked' ? '' : t(`hindrance.${hindrance}`);
  return (
    <Tooltip label={why} disabled={why === ''} events={{ hover: true, focus: true, touch: true }}>
      <Button
        className={classes.main}
        size="xs"
        data-tone={tone}
        {...(stopped ? { 'data-disabled': true } : {})}
        aria-disabled={stopped}
        aria-keyshortcuts={written(keys)}
        {...(why === '' ? {} : { 'aria-description': why })}
        leftSection={<Sign size={15} aria-hidden />}
        onClick={() => {
          if (!stopped) run();
        }}
      >
        {t(`verb.${verb}`)}
      </Button>
    </Tooltip>
  );
}
