/** The kinds of steps: how they look and what a new one holds. */
import {
  IconArrowBackUp,
  IconArrowsSplit2,
  IconCalendarTime,
  IconDialpad,
  IconForms,
  IconLanguage,
  IconMessage2,
  IconPhoneCall,
  IconPhoneOff,
  IconPhoneOutgoing,
  IconRecordMail,
  IconRouteAltRight,
  IconSitemap,
  IconStar,
  IconUserSearch,
  IconUsersGroup,
  IconVariable,
  IconWorld,
  type Icon,
} from '@tabler/icons-react';
import type { Kind, Step, StepOf } from './flow';

export const GROUPS = ['speak', 'lead', 'decide', 'go'] as const;
export type Group = (typeof GROUPS)[number];

export interface KindInfo {
  readonly kind: Kind;
  readonly group: Group;
  readonly icon: Icon;
}

export const KINDS: readonly KindInfo[] = [
  { kind: 'say', group: 'speak', icon: IconMessage2 },
  { kind: 'menu', group: 'speak', icon: IconDialpad },
  { kind: 'collect', group: 'speak', icon: IconForms },
  { kind: 'language', group: 'speak', icon: IconLanguage },
  { kind: 'rate', group: 'speak', icon: IconStar },
  { kind: 'queue', group: 'lead', icon: IconUsersGroup },
  { kind: 'transfer', group: 'lead', icon: IconPhoneOutgoing },
  { kind: 'callback', group: 'lead', icon: IconPhoneCall },
  { kind: 'voicemail', group: 'lead', icon: IconRecordMail },
  { kind: 'hours', group: 'decide', icon: IconCalendarTime },
  { kind: 'test', group: 'decide', icon: IconArrowsSplit2 },
  { kind: 'set', group: 'decide', icon: IconVariable },
  { kind: 'lookup', group: 'decide', icon: IconUserSearch },
  { kind: 'http', group: 'decide', icon: IconWorld },
  { kind: 'goto', group: 'go', icon: IconRouteAltRight },
  { kind: 'flow', group: 'go', icon: IconSitemap },
  { kind: 'return', group: 'go', icon: IconArrowBackUp },
  { kind: 'hangup', group: 'go', icon: IconPhoneOff },
];

const BY_KIND = new Map(KINDS.map((one) => [one.kind, one]));

export function kindOf(kind: Kind): KindInfo {
  const found = BY_KIND.get(kind);
  if (found === undefined) throw new Error(`unknown kind of step: ${kind}`);
  return found;
}

export const isKind = (text: string): text is Kind => BY_KIND.has(text as Kind);

const ASKING = { prompt: [], no_input_prompt: [], wrong_prompt: [], wait_seconds: 5, attempts: 3, interruptible: true };

type Own<K extends Kind> = Omit<StepOf<K>, 'id' | 'kind' | 'label' | 'x' | 'y'>;

/** As the server fills in what is left out; a menu and a language choice begin with something to see. */
const FRESH: { readonly [K in Kind]: (languages: readonly string[]) => Own<K> } = {
  say: () => ({ prompt: [{ kind: 'text', text: {} }], interruptible: true }),
  menu: () => ({
    ...ASKING,
    prompt: [{ kind: 'text', text: {} }],
    choices: [
      { key: '1', label: '' },
      { key: '2', label: '' },
    ],
  }),
  language: (languages) => ({
    ...ASKING,
    prompt: [{ kind: 'text', text: {} }],
    choices: languages.slice(0, 9).map((language, index) => ({ key: String(index + 1), language })),
  }),
  collect: () => ({
    ...ASKING,
    prompt: [{ kind: 'text', text: {} }],
    variable: 'digits',
    least: 1,
    most: 10,
    terminator: '#',
    between_seconds: 3,
    check: { kind: 'any' },
    read_back: false,
    secret: false,
  }),
  hours: () => ({ calendar_id: null }),
  set: () => ({ assignments: [{ variable: 'value', how: 'set', value: '' }] }),
  test: () => ({ cases: [{ id: '1', label: '', match: 'all', conditions: [{ variable: 'digits', compare: 'is', compare_as: 'text', value: '' }] }] }),
  lookup: () => ({ variable: 'caller' }),
  http: () => ({ method: 'GET', url: '', headers: [], body: '', timeout_seconds: 5, results: [] }),
  queue: () => ({ queue_id: null, priority: 0, skills: [], demand_language: true }),
  transfer: () => ({ to: { kind: 'person', person_id: null }, ring_seconds: 25 }),
  voicemail: () => ({ prompt: [], box: '', max_seconds: 120, silence_seconds: 5 }),
  callback: () => ({ queue_id: null, prompt: [], number: 'choose', country: null, attempts: 2 }),
  rate: () => ({ prompt: [], scale: '1-5', question: 'rating', attempts: 2 }),
  flow: () => ({ flow_id: null }),
  return: () => ({}),
  goto: () => ({ node: null }),
  hangup: () => ({ prompt: [], cause: 'normal' }),
};

export function freshStep(kind: Kind, id: string, at: { readonly x: number; readonly y: number }, languages: readonly string[]): Step {
  // The table gives for each kind what that kind needs.
  return { id, kind, label: '', x: Math.round(at.x), y: Math.round(at.y), ...FRESH[kind](languages) } as Step;
}
