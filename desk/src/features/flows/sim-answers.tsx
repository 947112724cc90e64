import { Button, TextInput, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useEditor } from './editor-context';
import { KEYS } from './menu-keys';
import { LEFT_HOW, type Told } from './simulation';
import type { Command, Played } from './simulate';
import { Choice } from './step-fields';
import classes from './flows.module.css';

interface AnswersProps {
  readonly played: Played;
  readonly feed: (event: Told) => void;
}

/** What can be told to the flow now: keys of the telephone, what a queue, a server or a calendar answers. */
export function Answers({ played, feed }: AnswersProps) {
  const { t } = useTranslation('flows');
  const { waiting } = played.out;
  const connected = new Set(played.events.flatMap(({ event }) => (event.kind === 'connected' ? [event.id] : [])));
  return (
    <section className={classes.answers} aria-label={t('sim.answers')}>
      {waiting.map((command) => (
        <Answer key={command.id} command={command} connected={connected.has(command.id)} feed={feed} />
      ))}
      <div className={classes.buttons}>
        <Button variant="subtle" color="red" size="compact-sm" onClick={() => feed({ kind: 'call_ended' })}>
          {t('sim.hangUp')}
        </Button>
      </div>
    </section>
  );
}

interface AnswerProps {
  readonly command: Command;
  readonly connected: boolean;
  readonly feed: (event: Told) => void;
}

const HOURS = ['open', 'closed', 'holiday'] as const;
const FAILURES = ['busy', 'no_answer', 'failed'] as const;
const SECONDS_OF_A_MESSAGE = 12;

function Answer({ command, connected, feed }: AnswerProps) {
  const { t } = useTranslation('flows');
  const { id } = command;
  const button = (label: string, event: Told, key = label) => (
    <Button key={key} variant="default" size="compact-sm" onClick={() => feed(event)}>
      {label}
    </Button>
  );
  switch (command.kind) {
    case 'collect':
      return <Keypad command={command} feed={feed} />;
    case 'play':
      return (
        <>
          {command.interruptible && <Digits press={(digit) => feed({ kind: 'played', id, digit })} />}
          <div className={classes.buttons}>{button(t('sim.heard'), { kind: 'played', id, digit: '' })}</div>
        </>
      );
    case 'hours':
      return <div className={classes.buttons}>{HOURS.map((state) => button(t(`sim.did.${state}`), { kind: 'hours_are', id, state }))}</div>;
    case 'queue':
      return connected ? (
        <div className={classes.buttons}>{button(t('sim.operatorLeaves'), { kind: 'finished', id })}</div>
      ) : (
        <div className={classes.buttons}>
          {button(t('sim.operatorAnswers'), { kind: 'connected', id })}
          {button(t('sim.offerCallback'), { kind: 'callback_offered', id, expected_seconds: 240 })}
          {LEFT_HOW.map((how) => button(t(`sim.did.${how}`), { kind: 'queue_left', id, how, target: '' }))}
        </div>
      );
    case 'transfer':
      return connected ? (
        <div className={classes.buttons}>{button(t('sim.otherLeaves'), { kind: 'finished', id })}</div>
      ) : (
        <div className={classes.buttons}>
          {button(t('sim.otherAnswers'), { kind: 'connected', id })}
          {FAILURES.map((how) => button(t(`sim.did.${how}`), { kind: 'transfer_failed', id, how }))}
        </div>
      );
    case 'voicemail':
      return (
        <div className={classes.buttons}>
          {button(t('sim.leftMessage'), { kind: 'recorded', id, seconds: SECONDS_OF_A_MESSAGE })}
          {button(t('sim.saidNothing'), { kind: 'recorded', id, seconds: 0 })}
        </div>
      );
    case 'order_callback':
      return (
        <div className={classes.buttons}>
          {button(t('sim.did.ordered'), { kind: 'callback_ordered', id, ok: true })}
          {button(t('sim.did.refused'), { kind: 'callback_ordered', id, ok: false })}
        </div>
      );
    case 'lookup':
      return <Found id={id} feed={feed} />;
    case 'http':
      return <Answered id={id} feed={feed} />;
    default:
      return null;
  }
}

function Digits({ press }: { readonly press: (digit: string) => void }) {
  const { t } = useTranslation('flows');
  return (
    <div className={classes.keypad} role="group" aria-label={t('sim.keypad')}>
      {[...KEYS.slice(0, 9), '*', '0', '#'].map((digit) => (
        <button key={digit} type="button" className={classes.key} onClick={() => press(digit)}>
          {digit}
        </button>
      ))}
    </div>
  );
}

function Keypad({ command, feed }: { readonly command: Extract<Command, { kind: 'collect' }>; readonly feed: (event: Told) => void }) {
  const { t } = useTranslation('flows');
  const [typed, setTyped] = useState('');
  const { id, most, terminators } = command;
  const send = (digits: string) => feed({ kind: 'digits', id, digits });
  const press = (digit: string) => {
    if (terminators.includes(digit) && typed !== '') send(typed);
    else if (typed.length + 1 >= most) send(typed + digit);
    else setTyped(typed + digit);
  };
  return (
    <>
      {most > 1 && <output className={classes.typed}>{typed || ' '}</output>}
      <Digits press={press} />
      <div className={classes.buttons}>
        {most > 1 && (
          <Button variant="default" size="compact-sm" disabled={typed === ''} onClick={() => send(typed)}>
            {t('sim.send')}
          </Button>
        )}
        <Button variant="default" size="compact-sm" onClick={() => feed({ kind: 'no_input', id })}>
          {t('sim.did.no_input')}
        </Button>
      </div>
    </>
  );
}

// An id of nobody: the flow only sees that there is one.
const SOMEBODY = '00000000-0000-7000-8000-000000000001';

function Found({ id, feed }: { readonly id: number; readonly feed: (event: Told) => void }) {
  const { t } = useTranslation('flows');
  const { languages } = useEditor();
  const [name, setName] = useState('');
  const [language, setLanguage] = useState('');
  const nobody = { kind: 'found', id, customer_id: null, name: '', language: '' } as const;
  return (
    <>
      <div className={classes.pair}>
        <TextInput label={t('sim.customer')} autoComplete="off" value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Choice
          label={t('menu.language')}
          value={language === '' ? 'none' : language}
          options={[{ value: 'none', label: '—' }, ...languages.map((one) => ({ value: one, label: one.toUpperCase() }))]}
          onChange={(value) => setLanguage(value === 'none' ? '' : value)}
        />
      </div>
      <div className={classes.buttons}>
        <Button variant="default" size="compact-sm" onClick={() => feed({ kind: 'found', id, customer_id: SOMEBODY, name, language, failed: false })}>
          {t('exit.found')}
        </Button>
        <Button variant="default" size="compact-sm" onClick={() => feed({ ...nobody, failed: false })}>
          {t('exit.not_found')}
        </Button>
        <Button variant="default" size="compact-sm" onClick={() => feed({ ...nobody, failed: true })}>
          {t('exit.failed')}
        </Button>
      </div>
    </>
  );
}

function Answered({ id, feed }: { readonly id: number; readonly feed: (event: Told) => void }) {
  const { t } = useTranslation('flows');
  const [status, setStatus] = useState('200');
  const [text, setText] = useState('{}');
  const read = (): unknown => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return undefined;
    }
  };
  const body = read();
  const code = Number(status);
  const good = Number.isInteger(code) && code >= 100 && code <= 599;
  return (
    <>
      <TextInput label={t('sim.status')} inputMode="numeric" autoComplete="off" error={good ? null : t('field.between', { least: 100, most: 599 })} value={status} onChange={(event) => setStatus(event.currentTarget.value)} />
      <Textarea label={t('sim.body')} rows={3} spellCheck={false} error={body === undefined ? t('sim.noJson') : null} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <div className={classes.buttons}>
        <Button variant="default" size="compact-sm" disabled={!good || body === undefined} onClick={() => feed({ kind: 'http_answered', id, status: code, body })}>
          {t('sim.answer')}
        </Button>
        <Button variant="default" size="compact-sm" onClick={() => feed({ kind: 'http_failed', id, reason: 'timeout' })}>
          {t('sim.noAnswer')}
        </Button>
      </div>
    </>
  );
}
