import type { Got, Posted, Row } from '@/shared/api/types';
import type { Tone } from '@/shared/ui/bits';

export type Trunk = Row<'/api/trunks'>;
export type Health = Trunk['health'];
export type Dialling = Got<'/api/dialling'>;
export type DialRule = Row<'/api/dialling/rules'>;
export type TrunkBody = Posted<'/api/trunks'>;

export const TONES: Readonly<Record<Health['state'], Tone>> = { up: 'good', starting: 'warn', failing: 'bad', off: 'plain' };
export const CODECS = ['PCMA', 'PCMU', 'G722', 'opus'] as const;
export const STYLES = ['e164', 'digits', 'national', 'international'] as const;

export interface NumberRule {
  prefix: string;
  strip: number;
  add: string;
}

/** What the form holds: numbers and lists are typed as text. */
export interface TrunkValues {
  name: string;
  enabled: boolean;
  kind: string;
  transport: string;
  host: string;
  port: string;
  proxy: string;
  user: string;
  realm: string;
  password: string;
  expires: string;
  sources: string;
  srtp: string;
  codecs: string[];
  priority: string;
  weight: string;
  failover: string;
  watch_seconds: string;
  max_calls: string;
  max_rate: string;
  country: string;
  number_out: string;
  rules_out: NumberRule[];
  number_in: string;
  rules_in: NumberRule[];
  identity: string;
  default_number: string;
  note: string;
}

export const NEW_TRUNK: TrunkValues = {
  name: '',
  enabled: true,
  kind: 'register',
  transport: 'udp',
  host: '',
  port: '',
  proxy: '',
  user: '',
  realm: '',
  password: '',
  expires: '300',
  sources: '',
  srtp: 'off',
  codecs: ['PCMA', 'PCMU'],
  priority: '10',
  weight: '10',
  failover: '',
  watch_seconds: '60',
  max_calls: '',
  max_rate: '',
  country: 'MD',
  number_out: 'e164',
  rules_out: [],
  number_in: 'e164',
  rules_in: [],
  identity: 'pai',
  default_number: '',
  note: '',
};

const shown = (value: number | null): string => (value === null ? '' : String(value));
const listed = (values: readonly (string | number)[] | null): string => (values ?? []).join(', ');

export function toValues(trunk: Trunk): TrunkValues {
  const { name, enabled, kind, transport, host, proxy, user, realm, srtp, codecs, country, number_out, number_in, identity, default_number, note } = trunk;
  return {
    name, enabled, kind, transport, host, proxy, user, realm, srtp, codecs, country, number_out, number_in, identity, default_number, note,
    password: '',
    port: shown(trunk.port),
    expires: shown(trunk.expires),
    sources: listed(trunk.sources),
    priority: shown(trunk.priority),
    weight: shown(trunk.weight),
    failover: listed(trunk.failover),
    watch_seconds: shown(trunk.watch_seconds),
    max_calls: shown(trunk.max_calls),
    max_rate: shown(trunk.max_rate),
    rules_out: trunk.rules_out.map(toRule),
    rules_in: trunk.rules_in.map(toRule),
  };
}

const toRule = (rule: { prefix?: string; strip?: number; add?: string }): NumberRule => ({ prefix: rule.prefix ?? '', strip: rule.strip ?? 0, add: rule.add ?? '' });

const split = (text: string): string[] => text.split(/[\s,;]+/).filter((part) => part !== '');
/** What is no number is sent as it is, so that the server says beside the field what is wrong. */
const number = (text: string): unknown => (/^\d+$/.test(text.trim()) ? Number(text) : text.trim());
const optional = (text: string): unknown => (text.trim() === '' ? null : number(text));

const READ: Readonly<Record<string, (value: never) => unknown>> = {
  port: optional,
  max_calls: optional,
  max_rate: optional,
  expires: number,
  priority: number,
  weight: number,
  watch_seconds: number,
  sources: split,
  failover: (text: string) => (text.trim() === '' ? null : split(text).map(number)),
};

/** What the server takes. A password that nobody typed is not sent. */
export function toBody(values: Partial<TrunkValues>): TrunkBody {
  const sent = Object.entries(values).filter(([field, value]) => field !== 'password' || value !== '');
  return Object.fromEntries(sent.map(([field, value]) => [field, READ[field]?.(value as never) ?? (field in READ ? null : value)])) as unknown as TrunkBody;
}
