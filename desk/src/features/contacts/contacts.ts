import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Got, Row } from '@/shared/api/types';
import type { Option } from '@/shared/table/types';
import type { Tone } from '@/shared/ui/bits';

export type Contact = Row<'/api/interactions'>;
export type Details = Got<'/api/interactions/{interaction_id}'>;
export type Entry = Details['timeline'][number];
export type Recording = Details['audio'][number];
export type Waveform = Got<'/api/recordings/{recording_id}/waveform'>;
export type Mark = Recording['marks'][number];
export type Disposition = Row<'/api/dispositions'>;
export type Result = NonNullable<Contact['result']>;

export const RESULTS: readonly Result[] = [
  'answered', 'abandoned', 'abandoned_short', 'overflowed', 'transferred_out', 'voicemail', 'callback', 'closed', 'self_service', 'no_answer', 'busy', 'failed', 'blocked', 'interrupted',
];

const BAD: ReadonlySet<Result> = new Set(['abandoned', 'failed', 'interrupted']);
const WARN: ReadonlySet<Result> = new Set(['overflowed', 'closed', 'no_answer', 'busy', 'blocked', 'callback', 'voicemail']);

export function toneOf(result: Contact['result']): Tone {
  if (result === null) return 'accent';
  if (result === 'answered' || result === 'transferred_out') return 'good';
  if (BAD.has(result)) return 'bad';
  return WARN.has(result) ? 'warn' : 'plain';
}

/** A label in the language of the page; English where the project gave no other. */
export function labelOf(labels: Disposition['labels'], language: string): string {
  const own = language === 'ru' ? labels.ru : language === 'ro' ? labels.ro : labels.en;
  return own === '' ? labels.en : own;
}

export function useDispositions() {
  return useQuery({
    queryKey: ['dispositions', 'contacts'],
    queryFn: ({ signal }) => call(api.GET('/api/dispositions', { params: { query: { archived: true } }, signal })),
    staleTime: 60_000,
  });
}

/** Names of causes and outcomes by id, those that were archived too: old contacts have them. */
export function useDispositionNames(): (id: string | null) => string {
  const { i18n } = useTranslation();
  const { data } = useDispositions();
  const names = useMemo(() => new Map((data ?? []).map((one) => [one.id, labelOf(one.labels, i18n.language)])), [data, i18n.language]);
  return (id) => (id === null ? '' : (names.get(id) ?? ''));
}

/** What can be chosen: the leaves in their order, each with the path to it. */
export function choicesOf(all: readonly Disposition[], kind: Disposition['kind'], language: string, project: string | null, keep: string | null = null): Option[] {
  const known = new Map(all.map((one) => [one.id, one]));
  const parents = new Set(all.map((one) => one.parent_id));
  const path = (one: Disposition, depth = 0): string => {
    const parent = one.parent_id === null ? undefined : known.get(one.parent_id);
    const label = labelOf(one.labels, language);
    return parent === undefined || depth > 10 ? label : `${path(parent, depth + 1)} › ${label}`;
  };
  return all
    .filter((one) => one.kind === kind && !parents.has(one.id) && (project === null || one.project_id === project) && (one.archived_at === null || one.id === keep))
    .map((one) => ({ value: one.id, label: path(one) }));
}
