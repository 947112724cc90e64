import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Got, Row } from '@/shared/api/types';
import { useFormat, type Format } from '@/shared/i18n/format';
import { useProject } from '@/shared/session/session';
import { clock } from '@/shared/ui/elapsed';
import type { ReportQuery } from './period';

export type Measures = Got<'/api/reports/measures'>;
export type MeasureRow = Measures['rows'][number];
export type Values = Measures['total'];
export type Visit = Row<'/api/reports/rows'>;
export type Definition = Got<'/api/reports/definitions'>[number];
export type Kind = Definition['kind'];
export type By = Measures['by'];

/** The cards of the first row, and the columns that tables show first. */
export const CARDS = ['service_level_without_short', 'offered', 'answered', 'abandonment', 'asa', 'aht', 'longest_wait', 'transfer_rate', 'fcr', 'rating'] as const;

export const COLUMNS = [
  'offered', 'answered', 'abandoned', 'short', 'overflowed', 'turned_away', 'called_back', 'service_level_without_short', 'service_level_offered', 'service_level_answered',
  'service_level_with_leavers', 'abandonment', 'asa', 'longest_wait', 'aht', 'talk', 'hold', 'wrap_up', 'transfers', 'transfer_rate', 'fcr', 'rating', 'rating_10', 'direct', 'outgoing',
] as const;

export const FIRST_COLUMNS: ReadonlySet<string> = new Set(['offered', 'answered', 'abandoned', 'service_level_without_short', 'abandonment', 'asa', 'aht', 'transfers']);

/** A number as people read it: counts whole, shares in per cent, durations as a clock. */
export function shown(kind: Kind | undefined, value: number | null | undefined, format: Format): string {
  if (value === null || value === undefined) return '—';
  if (kind === 'ratio') return `${format.number(Math.round(value * 1000) / 10)} %`;
  if (kind === 'mean' || kind === 'longest') return clock(value * 1000);
  if (kind === 'score') return format.number(Math.round(value * 100) / 100);
  return format.number(value);
}

export interface Meaning {
  readonly kind: Kind;
  readonly name: string;
  readonly text: string;
}

/** What the measures are called and mean, in the language of the page: the server's own words. */
export function useMeanings(): ReadonlyMap<string, Meaning> {
  const { i18n } = useTranslation();
  const { data } = useQuery({
    queryKey: ['reports', 'definitions'],
    queryFn: ({ signal }) => call(api.GET('/api/reports/definitions', { signal })),
    staleTime: Infinity,
  });
  const language = i18n.language === 'ru' || i18n.language === 'ro' ? i18n.language : 'en';
  return useMemo(() => new Map((data ?? []).map((one) => [one.id, { kind: one.kind, name: one.name[language], text: one.text[language] }])), [data, language]);
}

export function useShown(): (measure: string, value: number | null | undefined) => string {
  const format = useFormat();
  const meanings = useMeanings();
  return useCallback((measure, value) => shown(meanings.get(measure)?.kind, value, format), [format, meanings]);
}

/** Fresh for a minute: the server counts what has happened once a minute. */
const FRESH_MS = 60_000;

export function useMeasures(query: ReportQuery, by: By) {
  const project = useProject();
  return useQuery({
    queryKey: ['reports', 'measures', project, query, by],
    queryFn: ({ signal }) => call(api.GET('/api/reports/measures', { params: { query: { ...query, by } }, signal })),
    staleTime: FRESH_MS,
    refetchInterval: FRESH_MS,
    placeholderData: (before) => (before?.by === by ? before : undefined),
  });
}

/** Occupancy, interval by interval. */
export function useOccupancy(query: ReportQuery) {
  const project = useProject();
  return useQuery({
    queryKey: ['reports', 'occupancy', project, query],
    queryFn: ({ signal }) => call(api.GET('/api/reports/occupancy', { params: { query }, signal })),
    staleTime: FRESH_MS,
    refetchInterval: FRESH_MS,
  });
}

/** What operators' time went into. */
export function useOperatorTimes(query: ReportQuery) {
  const project = useProject();
  return useQuery({
    queryKey: ['reports', 'operators', project, query],
    queryFn: ({ signal }) => call(api.GET('/api/reports/operators', { params: { query }, signal })),
    staleTime: FRESH_MS,
    refetchInterval: FRESH_MS,
  });
}
