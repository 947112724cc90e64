import { ApiError, type FieldProblem } from '@/shared/api/problem';
import type { Patched, Posted, Row } from '@/shared/api/types';
import { belongsTo } from '@/shared/form/form-state';
import { readDuration, writeDuration } from './duration';

export type Queue = Row<'/api/queues'>;
export type QueueBody = Posted<'/api/queues'>;
export type QueuePatch = Patched<'/api/queues/{queue_id}'>;

export const STRATEGIES = ['longest_idle', 'best_fit', 'fewest_contacts'] as const;
export const TARGET_KINDS = ['queue', 'voicemail', 'menu', 'number', 'hang_up'] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

export interface TargetValue {
  readonly kind: TargetKind;
  readonly value: string;
}

/** As it is typed; numbers and times are text until they are sent. */
export interface StepValue {
  readonly after: string;
  readonly levels_down: string;
  readonly drop_skills: boolean;
  readonly drop_language: boolean;
  readonly max_rank: string;
}

export interface OverflowValue {
  readonly by: 'after' | 'place';
  readonly limit: string;
  readonly to: TargetValue;
}

export const HANG_UP: TargetValue = { kind: 'hang_up', value: '' };
export const NEW_STEP: StepValue = { after: '', levels_down: '1', drop_skills: false, drop_language: false, max_rank: '' };
export const NEW_OVERFLOW: OverflowValue = { by: 'after', limit: '', to: HANG_UP };

/** Rules that are a length of time; typed as `1:30`, sent as seconds. */
export const TIMES = [
  'target', 'ring', 'wrap_up', 'last_operator_wait', 'decline_pause', 'max_wait', 'no_operator_after', 'callback_after', 'callback_expected', 'callback_pause', 'announce_first', 'announce_every', 'handling_guess',
] as const;
/** Rules that are a number. */
export const NUMBERS = ['priority', 'max_rank', 'missed_before_pause', 'max_length', 'callback_attempts', 'max_on_break'] as const;

type TimeRule = (typeof TIMES)[number];
type NumberRule = (typeof NUMBERS)[number];

export interface SkillValue {
  readonly skill_id: string;
  readonly level: number;
}

/** The rules of a queue as the form holds them. */
export interface RuleValues extends Record<TimeRule | NumberRule, string> {
  strategy: string;
  skills: readonly SkillValue[];
  language_level: string;
  steps: readonly StepValue[];
  last_operator_first: boolean;
  overflow: readonly OverflowValue[];
  full: TargetValue;
  too_long: TargetValue;
  no_operator: TargetValue | null;
  closed: TargetValue;
  serve_out: boolean;
}

const written = (value: unknown): string => (typeof value === 'number' ? String(value) : '');
/** What is no number is sent as it is, so that the server says beside the field what is wrong. */
const number = (text: string): number | string | null => (text.trim() === '' ? null : /^\d+$/.test(text.trim()) ? Number(text) : text.trim());

export type Rules = Readonly<Record<string, unknown>>;

interface StepRule {
  after: number;
  levels_down?: number;
  drop_skills?: boolean;
  drop_language?: boolean;
  max_rank?: number | null;
}

interface OverflowRule {
  to: TargetValue;
  after?: number | null;
  place?: number | null;
}

export function toRuleValues(rules: Rules): RuleValues {
  const times = Object.fromEntries(TIMES.map((name) => [name, writeDuration(rules[name] as number | null | undefined)])) as Record<TimeRule, string>;
  const numbers = Object.fromEntries(NUMBERS.map((name) => [name, written(rules[name])])) as Record<NumberRule, string>;
  return {
    ...times,
    ...numbers,
    strategy: String(rules.strategy),
    skills: Object.entries((rules.skills ?? {}) as Readonly<Record<string, number>>).map(([skill_id, level]) => ({ skill_id, level })),
    language_level: written(rules.language_level),
    steps: (rules.steps as readonly StepRule[]).map(toStep),
    last_operator_first: rules.last_operator_first === true,
    overflow: (rules.overflow as readonly OverflowRule[]).map(toOverflow),
    full: rules.full as TargetValue,
    too_long: rules.too_long as TargetValue,
    no_operator: (rules.no_operator as TargetValue | null | undefined) ?? null,
    closed: rules.closed as TargetValue,
    serve_out: rules.serve_out === true,
  };
}

const toStep = (step: StepRule): StepValue => ({
  after: writeDuration(step.after),
  levels_down: written(step.levels_down ?? 0),
  drop_skills: step.drop_skills ?? false,
  drop_language: step.drop_language ?? false,
  max_rank: written(step.max_rank),
});

const toOverflow = (rule: OverflowRule): OverflowValue =>
  rule.place == null ? { by: 'after', limit: writeDuration(rule.after), to: rule.to } : { by: 'place', limit: String(rule.place), to: rule.to };

export function toRules(values: RuleValues): Rules {
  const times = Object.fromEntries(TIMES.map((name) => [name, readDuration(values[name])]));
  const numbers = Object.fromEntries(NUMBERS.map((name) => [name, number(values[name])]));
  return {
    ...times,
    ...numbers,
    strategy: values.strategy,
    skills: Object.fromEntries(values.skills.map((one) => [one.skill_id, one.level])),
    language_level: Number(values.language_level),
    steps: values.steps.map((step) => ({ ...step, after: readDuration(step.after), levels_down: number(step.levels_down) ?? 0, max_rank: number(step.max_rank) })),
    last_operator_first: values.last_operator_first,
    overflow: values.overflow.map((rule) => ({ to: rule.to, after: rule.by === 'after' ? readDuration(rule.limit) : null, place: rule.by === 'place' ? number(rule.limit) : null })),
    full: values.full,
    too_long: values.too_long,
    no_operator: values.no_operator,
    closed: values.closed,
    serve_out: values.serve_out,
  };
}

/** Thresholds stand in the form under names of their own, because a rule and a threshold may be called the same. */
export const THRESHOLDS = ['waiting', 'longest_wait', 'service_level', 'abandoned', 'free'] as const;
type ThresholdField = `alert_${(typeof THRESHOLDS)[number]}`;

export interface QueueValues extends RuleValues, Record<ThresholdField, string> {
  name: string;
  project_id: string | null;
  note: string;
  calendar_id: string | null;
  music_prompt_id: string | null;
  announcement_prompt_id: string | null;
  operator_may_hang_up: boolean;
}

type Thresholds = Readonly<Partial<Record<(typeof THRESHOLDS)[number], number | null>>>;

function toThresholdValues(limits: Thresholds): Record<ThresholdField, string> {
  return {
    alert_waiting: written(limits.waiting),
    alert_longest_wait: writeDuration(limits.longest_wait),
    alert_service_level: limits.service_level == null ? '' : String(Math.round(limits.service_level * 100)),
    alert_abandoned: written(limits.abandoned),
    alert_free: written(limits.free),
  };
}

function toThresholds(values: QueueValues): Readonly<Record<string, unknown>> {
  const level = number(values.alert_service_level.replace(/\s*%$/, ''));
  return {
    waiting: number(values.alert_waiting),
    longest_wait: readDuration(values.alert_longest_wait),
    service_level: typeof level === 'number' ? level / 100 : level,
    abandoned: number(values.alert_abandoned),
    free: number(values.alert_free),
  };
}

export function toValues(queue: Queue): QueueValues {
  const { name, project_id, note, calendar_id, music_prompt_id, announcement_prompt_id, operator_may_hang_up } = queue;
  return { name, project_id, note, calendar_id, music_prompt_id, announcement_prompt_id, operator_may_hang_up, ...toRuleValues(queue.rules), ...toThresholdValues(queue.thresholds) };
}

/** As the server lays a queue down when nothing is said. */
const USUAL_RULES: Rules = {
  strategy: 'longest_idle', target: 20, ring: 20, wrap_up: 30, language_level: 1, priority: 0, steps: [], last_operator_wait: 0, decline_pause: 30, missed_before_pause: 1, overflow: [], full: HANG_UP, too_long: HANG_UP,
  no_operator_after: 0, closed: HANG_UP, serve_out: true, callback_attempts: 3, callback_pause: 600, announce_every: 60, handling_guess: 240,
};

export const newQueue = (project_id: string | null): QueueValues => ({
  name: '',
  project_id,
  note: '',
  calendar_id: null,
  music_prompt_id: null,
  announcement_prompt_id: null,
  operator_may_hang_up: true,
  ...toRuleValues(USUAL_RULES),
  ...toThresholdValues({ waiting: 5, longest_wait: 60, service_level: 0.8 }),
});

const PLAIN = ['name', 'note', 'calendar_id', 'music_prompt_id', 'announcement_prompt_id', 'operator_may_hang_up'] as const;

/** Rules and thresholds are replaced as a whole, so they are sent as a whole once something in them has changed. */
export function toPatch(change: Partial<QueueValues>, all: QueueValues): QueuePatch {
  const fields = Object.keys(change);
  const isThreshold = (field: string) => field.startsWith('alert_');
  const isPlain = (field: string) => field === 'project_id' || PLAIN.some((one) => one === field);
  return {
    ...Object.fromEntries(PLAIN.filter((field) => field in change).map((field) => [field, change[field]])),
    ...(fields.some((field) => !isPlain(field) && !isThreshold(field)) ? { rules: toRules(all) } : {}),
    ...(fields.some(isThreshold) ? { thresholds: toThresholds(all) } : {}),
  } as QueuePatch;
}

export function toBody(all: QueueValues): QueueBody {
  return { ...Object.fromEntries(PLAIN.map((field) => [field, all[field]])), project_id: all.project_id, rules: toRules(all), thresholds: toThresholds(all) } as unknown as QueueBody;
}

/** The server names a mistake by where it stands in the body; the form has it under the field's own name. */
export function ownField(field: string): string {
  if (field === 'rules') return 'steps';
  if (field.startsWith('thresholds.')) return `alert_${field.slice('thresholds.'.length)}`;
  return field.startsWith('rules.') ? field.slice('rules.'.length) : field;
}

export function withOwnFields(error: unknown): unknown {
  if (!(error instanceof ApiError) || error.fields.length === 0) return error;
  return new ApiError(error.status, error.code, error.detail, error.fields.map((one) => ({ ...one, field: ownField(one.field) })), error.body, error.retryAfterSeconds);
}

/** Which fields stand on which tab; the tab of a refused field opens. */
export const TABS = {
  general: ['name', 'project_id', 'note', 'calendar_id', 'strategy', 'target', 'ring', 'wrap_up', 'priority', 'operator_may_hang_up', 'handling_guess'],
  demands: ['skills', 'language_level', 'max_rank', 'steps', 'last_operator_first', 'last_operator_wait'],
  rules: [
    'overflow', 'max_length', 'full', 'max_wait', 'too_long', 'no_operator', 'no_operator_after', 'closed', 'serve_out', 'decline_pause', 'missed_before_pause', 'max_on_break',
    'callback_after', 'callback_expected', 'callback_attempts', 'callback_pause',
  ],
  sounds: ['announce_first', 'announce_every', 'music_prompt_id', 'announcement_prompt_id'],
  thresholds: THRESHOLDS.map((one) => `alert_${one}` as const),
} as const satisfies Readonly<Record<string, readonly (keyof QueueValues)[]>>;

export type TabName = keyof typeof TABS;
export const FIELDS = Object.values(TABS).flat();

/** The tab that has to be seen after a refusal: the open one if something on it was refused, else the first. */
export function tabOf(problems: readonly FieldProblem[], open: TabName): TabName {
  const has = (tab: TabName) => TABS[tab].some((field) => problems.some((one) => belongsTo(one, field)));
  return has(open) ? open : ((Object.keys(TABS) as TabName[]).find(has) ?? open);
}
