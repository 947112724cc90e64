import type { Got, Row } from '@/shared/api/types';

export type Rule = Row<'/api/interactions/retention'>;
export type Effect = Got<'/api/interactions/retention/{project_id}/effect'>;
export type Finding = Row<'/api/interactions/audit'>;
export type Run = NonNullable<Got<'/api/interactions/audit/run'>>;

export const FINDINGS: readonly Finding['kind'][] = ['call_without_audio', 'audio_missing', 'audio_without_call', 'file_without_row'];

const MB_OF_GB = 1000;
const MEGABYTE = 1_000_000; // bytes

export interface RuleValues {
  record_calls: boolean;
  recording_months: string;
  personal_months: string;
  /** Typed in GB, as people count discs; named as the server names it, whose errors stand beside it. */
  quota_mb: string;
  oldest_first: boolean;
}

export const toValues = (rule: Omit<Rule, 'recordings' | 'oldest_at'>): RuleValues => ({
  record_calls: rule.record_calls,
  recording_months: rule.recording_months === null ? '' : String(rule.recording_months),
  personal_months: rule.personal_months === null ? '' : String(rule.personal_months),
  quota_mb: rule.quota_mb === null ? '' : String(rule.quota_mb / MB_OF_GB),
  oldest_first: rule.oldest_first,
});

/** What is no number is sent as it is, so that the server says beside the field what is wrong. */
function whole(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  return (/^\d+$/.test(trimmed) ? Number(trimmed) : trimmed) as number;
}

function megabytes(text: string): number | null {
  const trimmed = text.trim().replace(',', '.');
  if (trimmed === '') return null;
  return (/^\d+(\.\d+)?$/.test(trimmed) ? Math.round(Number(trimmed) * MB_OF_GB) : trimmed) as number;
}

export const toBody = (values: RuleValues) => ({
  record_calls: values.record_calls,
  recording_months: whole(values.recording_months),
  personal_months: whole(values.personal_months),
  quota_mb: megabytes(values.quota_mb),
  oldest_first: values.oldest_first,
});


/** Share of the quota that is used; null without a quota. */
export const fill = ({ used_bytes, quota_mb }: Pick<Rule, 'used_bytes' | 'quota_mb'>): number | null => (quota_mb === null ? null : used_bytes / (quota_mb * MEGABYTE));

export type RunState = 'never' | 'waiting' | 'running' | 'died' | 'done';

const GIVEN_UP_MS = 3_600_000; // as the server has it

export function stateOf(run: Pick<Run, 'asked_at' | 'began_at' | 'ended_at'> | null, now: number): RunState {
  if (run === null) return 'never';
  if (run.ended_at !== null) return 'done';
  if (now - Date.parse(run.asked_at) >= GIVEN_UP_MS) return 'died';
  return run.began_at === null ? 'waiting' : 'running';
}
