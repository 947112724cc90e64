import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useEditor } from './editor-context';
import { stepOf } from './graph';
import { labelOf } from './names';
import { useNames } from './names-context';
import { sentenceText, type Command, type Simulated, type Sound } from './simulate';
import classes from './flows.module.css';

/** What was heard and done so far, the newest last. */
export function Transcript({ steps }: { readonly steps: Simulated['steps'] }) {
  const { t } = useTranslation('flows');
  const { flow, words, reveal } = useEditor();
  const describe = useDescribe();
  return (
    <ol className={classes.transcript} aria-label={t('sim.transcript')} aria-live="polite">
      {steps.map((one, index) => {
        const step = stepOf(flow, one.node_id ?? null);
        const heard = heardOf(one.event);
        const lines = one.commands.map(describe).filter((line) => line !== '');
        if (heard === null && lines.length === 0) return null;
        return (
          <li key={index}>
            {heard !== null && (
              <p className={classes.byHand} data-ignored={one.ignored}>
                {t(`sim.did.${heard.what as 'digits'}`, { value: heard.value })}
                {one.ignored && ` ${t('sim.ignored')}`}
              </p>
            )}
            {lines.map((line, at) => (
              <p key={at}>{line}</p>
            ))}
            {step !== undefined && (
              <button type="button" className={classes.jump} onClick={() => reveal(step.id)}>
                {words.title(step)}
              </button>
            )}
          </li>
        );
      })}
    </ol>
  );
}

/** What a hand did, in words; what came of itself is not told. */
function heardOf(event: Simulated['steps'][number]['event']): { readonly what: string; readonly value: string } | null {
  switch (event.kind) {
    case 'begin':
    case 'started':
    case 'time_passed':
      return null;
    case 'played':
      return event.digit === '' ? null : { what: 'digits', value: event.digit };
    case 'digits':
      return { what: 'digits', value: event.digits };
    case 'found':
      return { what: event.failed ? 'failed' : event.customer_id == null ? 'not_found' : 'found', value: event.name };
    case 'hours_are':
      return { what: event.state, value: '' };
    case 'queue_left':
      return { what: event.how, value: event.target };
    case 'transfer_failed':
      return { what: event.how, value: '' };
    case 'callback_ordered':
      return { what: event.ok ? 'ordered' : 'refused', value: '' };
    case 'recorded':
      return { what: 'recorded', value: String(event.seconds) };
    case 'http_answered':
      return { what: 'http_answered', value: String(event.status) };
    default:
      return { what: event.kind, value: '' };
  }
}

function useDescribe(): (command: Command) => string {
  const { t } = useTranslation('flows');
  const names = useNames();
  const { data: sentences } = useQuery({ queryKey: ['prompts', 'sentences'], queryFn: ({ signal }) => call(api.GET('/api/prompts/sentences', { signal })), staleTime: Infinity });
  const said = (sounds: readonly Sound[]): string => {
    const parts = sounds.map((sound) => {
      if (sound.kind === 'spoken') return sound.text;
      if (sound.kind === 'library') {
        const prompt = names.prompts.find((one) => one.id === sound.prompt_id);
        return prompt?.texts[sound.language] ?? prompt?.name ?? '';
      }
      if (sound.kind === 'sentence') return sentenceText(sound, sentences ?? []);
      return '';
    });
    const text = parts.filter((one) => one !== '').join(' ');
    return text === '' ? '' : t('sim.said', { text });
  };
  return (command) => {
    switch (command.kind) {
      case 'play':
      case 'collect':
      case 'voicemail':
        return said(command.sounds);
      case 'queue':
        return t('sim.queue', { queue: labelOf(names.queues, command.queue_id) ?? '' });
      case 'transfer':
        return t('sim.transfer', { target: command.number ?? labelOf(names.people, command.person_id ?? null) ?? '' });
      case 'order_callback':
        return t('sim.callback', { number: command.number });
      case 'http':
        return `${command.method} ${command.url}`;
      case 'lookup':
        return t('sim.lookup', { number: command.number });
      case 'rated':
        return t('sim.rated', { mark: command.mark, scale: command.scale });
      default:
        return '';
    }
  };
}
