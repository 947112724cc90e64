import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import type { Words } from './editor-context';
import type { Flow, Piece, Step } from './flow';
import { labelOf, type Names } from './names';

/** What a prompt says, on one line, in the first of the languages in which it says anything. */
export function spoken(pieces: readonly Piece[], languages: readonly string[], names: Names): string {
  return pieces
    .map((piece) => {
      if (piece.kind === 'text') return languages.map((one) => piece.text[one]).find((one) => one != null && one !== '') ?? Object.values(piece.text)[0] ?? '';
      if (piece.kind === 'prompt') return names.prompts.find((one) => one.id === piece.prompt_id)?.name ?? '';
      return piece.kind === 'value' ? `{${piece.variable}}` : '…';
    })
    .filter((one) => one !== '')
    .join(' ');
}

const SIGNS: Readonly<Record<string, string>> = { is: '=', is_not: '≠', less: '<', at_most: '≤', more: '>', at_least: '≥' };

export function useWords(flow: Flow, languages: readonly string[], names: Names): Words {
  const { t, i18n } = useTranslation('flows');
  const format = useFormat();
  const { language } = i18n;
  return useMemo(() => {
    // What the person reads best, where the project speaks it.
    const read = languages.includes(language) ? [language, ...languages] : languages;
    const missing = t('step.notChosen');
    const named = (options: Names['queues'], id: string | null) => labelOf(options, id) ?? (id === null ? missing : t('step.unknown'));
    const said = (pieces: readonly Piece[], otherwise = missing) => spoken(pieces, read, names) || otherwise;
    const title = (step: Step) => step.label || t(`kind.${step.kind}`);
    const condition = (step: Extract<Step, { kind: 'test' }>, id: string): string => {
      const found = step.cases.find((one) => one.id === id);
      if (found === undefined) return id;
      const parts = found.conditions.map((one) => {
        const sign = SIGNS[one.compare] ?? t(`compare.${one.compare}`);
        return [one.variable, sign, one.compare.endsWith('empty') ? '' : String(one.value ?? '')].join(' ').trim();
      });
      return found.label || parts.join(found.match === 'all' ? ` ${t('step.and')} ` : ` ${t('step.or')} `) || missing;
    };
    const exit = (step: Step, name: string): string => {
      if (step.kind === 'menu' && name.startsWith('key:')) {
        const key = name.slice(4);
        return [key, step.choices.find((one) => one.key === key)?.label ?? ''].filter((one) => one !== '').join(' · ');
      }
      if (step.kind === 'test' && name.startsWith('case:')) return condition(step, name.slice(5));
      return t(`exit.${name as 'next'}`);
    };
    const summary = (step: Step): string => {
      switch (step.kind) {
        case 'say':
        case 'menu':
        case 'collect':
          return said(step.prompt);
        case 'language':
          return step.choices.map((one) => `${one.key} ${format.language(one.language)}`).join(' · ') || missing;
        case 'voicemail':
        case 'callback':
        case 'rate':
        case 'hangup':
          return said(step.prompt, t(`step.usual.${step.kind}`));
        case 'hours':
          return named(names.calendars, step.calendar_id);
        case 'queue':
          return named(names.queues, step.queue_id);
        case 'transfer':
          return step.to.kind === 'person' ? named(names.people, step.to.person_id) : step.to.number || missing;
        case 'set':
          return step.assignments.map((one) => (one.how === 'clear' ? `${one.variable} = ∅` : `${one.variable} ${one.how === 'add' ? '+=' : '='} ${String(one.value ?? '')}`)).join(', ') || missing;
        case 'test':
          return t('step.cases', { count: step.cases.length });
        case 'lookup':
          return t('step.lookup', { variable: step.variable });
        case 'http':
          return step.url === '' ? missing : `${step.method} ${step.url}`;
        case 'flow':
          return named(names.flows, step.flow_id);
        case 'goto': {
          const target = flow.nodes.find((one) => one.id === step.node);
          return target === undefined ? missing : title(target);
        }
        case 'return':
          return t('step.return');
      }
    };
    return { kind: (kind) => t(`kind.${kind}`), title, summary, exit };
  }, [t, format, flow.nodes, language, languages, names]);
}
