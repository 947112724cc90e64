/** Sentences from the router's codes: what hinders, and what would have to change. The codes are those of docs/routing.md. */
import { CHANNELS } from './model';

export type Value = string | number | boolean | null;

export interface Reason {
  readonly code: string;
  readonly params: Readonly<Record<string, Value>>;
}

/** What ids and moments are called for a person; pure, so that sentences can be tested without a page. */
export interface Words {
  readonly operator: (id: string) => string;
  readonly queue: (id: string) => string;
  readonly skill: (id: string) => string;
  readonly language: (code: string) => string;
  readonly breakReason: (id: string) => string;
  readonly time: (moment: string | number) => string;
  readonly duration: (seconds: number) => string;
}

export type Say = (key: string, values: Readonly<Record<string, string | number>>) => string;

export const CODES = [
  'unknown_operator', 'signed_out', 'on_break', 'paused', 'not_present', 'no_queue', 'no_channel', 'ringing', 'in_contact', 'wrap_up', 'nobody_waits', 'nobody_fits',
  'unknown_contact', 'offered', 'connected', 'callback_sleeps', 'queue_closed', 'nobody_signed_in', 'nobody_meets_demands', 'nobody_free', 'in_line', 'relaxes', 'kept_for_last',
  'not_member', 'channel_missing', 'rank_too_low', 'skill_missing', 'language_missing', 'let_go', 'full', 'other_channel',
] as const;

export const PAUSES = ['not_answering', 'unreachable', 'busy'] as const;
const BUSY = ['busy', 'wrap_up', 'on_break', 'paused', 'absent', 'let_go'] as const;
const CEFR = ['A1', 'A2', 'B1', 'B2', 'C1', 'C2'] as const;

const text = (value: Value | undefined): string => (value == null ? '' : String(value));
const count = (value: Value | undefined): number => (typeof value === 'number' ? value : 0);
const known = (list: readonly string[], value: string): boolean => list.includes(value);

/** One sentence. A code that this desk does not know yet is shown as it is rather than hidden. */
export function sentence(reason: Reason, words: Words, say: Say): string {
  const { code, params } = reason;
  if (!known(CODES, code)) return say('why.other', { code });
  const until = typeof params.until === 'string' || typeof params.until === 'number' ? words.time(params.until) : '';
  switch (code) {
    case 'on_break': {
      const name = words.breakReason(text(params.reason));
      return say(until === '' ? 'why.on_breakOpen' : 'why.on_break', { reason: name, until });
    }
    case 'paused': {
      const cause = text(params.reason);
      return say('why.paused', { reason: known(PAUSES, cause) ? say(`pause.${cause}`, {}) : cause || say('pause.not_answering', {}) });
    }
    case 'wrap_up':
      return say(until === '' ? 'why.wrap_upOpen' : 'why.wrap_up', { until });
    case 'nobody_fits':
      return say('why.nobody_fits', { count: count(params.waiting) });
    case 'nobody_meets_demands':
      return say('why.nobody_meets_demands', { count: count(params.signed_in) });
    case 'nobody_free':
      return say('why.nobody_free', { list: busy(params, say) });
    case 'in_line':
      return inLine(params, words, say);
    case 'relaxes':
      return say('why.relaxes', { at: words.time(params.at as string | number) });
    case 'skill_missing':
      return say(count(params.has) > 0 ? 'why.skill_low' : 'why.skill_missing', { skill: words.skill(text(params.skill)), needed: count(params.needed), has: count(params.has) });
    case 'language_missing':
      return language(params, words, say);
    default:
      return say(`why.${code}`, {
        until,
        operator: words.operator(text(params.operator)),
        queue: words.queue(text(params.queue)),
        channel: known(CHANNELS, text(params.channel)) ? say(`channel.${text(params.channel)}`, {}) : text(params.channel),
        rank: count(params.rank),
        allowed: count(params.allowed),
        most: count(params.most),
      });
  }
}

/** "2 in a contact, 1 in wrap-up": those who could, by what they do now. */
function busy(params: Reason['params'], say: Say): string {
  return BUSY.filter((kind) => count(params[kind]) > 0)
    .map((kind) => say(`whyBusy.${kind}`, { count: count(params[kind]) }))
    .join(', ');
}

function inLine(params: Reason['params'], words: Words, say: Say): string {
  const place = count(params.position);
  return typeof params.expected_wait === 'number'
    ? say('why.in_line', { place, wait: words.duration(params.expected_wait) })
    : say('why.in_lineOnly', { place });
}

function language(params: Reason['params'], words: Words, say: Say): string {
  const level = (value: Value | undefined) => CEFR[count(value) - 1] ?? '';
  const has = level(params.has);
  return say(has === '' ? 'why.language_missing' : 'why.language_low', { language: words.language(text(params.language)), needed: level(params.needed), has });
}
