import type { DialRule } from './trunks';

export type Said = '' | 'yes' | 'no';

/** What the form of a rule holds; an empty field leaves the word to the wider scope. */
export interface RuleValues {
  scope: string;
  role: string | null;
  person_id: string | null;
  project_id: string | null;
  country: string | null;
  own_country: Said;
  elsewhere: Said;
  countries: string[];
  premium: Said;
  satellite: Said;
  calls_per_hour: string;
  minutes_per_day: string;
  spend_per_day: string;
  all_calls_per_hour: string;
  all_minutes_per_day: string;
  all_spend_per_day: string;
}

export const CAPS = ['calls_per_hour', 'minutes_per_day', 'spend_per_day'] as const;
export const CAPS_OF_ALL = ['all_calls_per_hour', 'all_minutes_per_day', 'all_spend_per_day'] as const;
const SAID = ['own_country', 'premium', 'satellite'] as const;

export function emptyRule(scope: string): RuleValues {
  return {
    scope,
    role: null,
    person_id: null,
    project_id: null,
    country: null,
    own_country: '',
    elsewhere: '',
    countries: [],
    premium: '',
    satellite: '',
    calls_per_hour: '',
    minutes_per_day: '',
    spend_per_day: '',
    all_calls_per_hour: '',
    all_minutes_per_day: '',
    all_spend_per_day: '',
  };
}

const said = (value: boolean | null): Said => (value === null ? '' : value ? 'yes' : 'no');
const shown = (value: number | null): string => (value === null ? '' : String(value));

export function toRuleValues(rule: DialRule): RuleValues {
  return {
    scope: rule.scope,
    role: rule.role,
    person_id: rule.person_id,
    project_id: rule.project_id,
    country: rule.country,
    own_country: said(rule.own_country),
    elsewhere: rule.countries === null ? '' : rule.countries.length > 0 ? 'yes' : 'no',
    countries: rule.countries ?? [],
    premium: said(rule.premium),
    satellite: said(rule.satellite),
    calls_per_hour: shown(rule.calls_per_hour),
    minutes_per_day: shown(rule.minutes_per_day),
    spend_per_day: money(rule.spend_per_day),
    all_calls_per_hour: shown(rule.all_calls_per_hour),
    all_minutes_per_day: shown(rule.all_minutes_per_day),
    all_spend_per_day: money(rule.all_spend_per_day),
  };
}

const MINOR = 100; // minor units in a unit of the price table's currency

function money(minor: number | null): string {
  return minor === null ? '' : String(minor / MINOR);
}

/** What is no number is sent as it is, so that the server says beside the field what is wrong. */
function amount(text: string, scale = 1): unknown {
  const plain = text.trim().replace(',', '.');
  if (plain === '') return null;
  const value = Number(plain);
  return Number.isFinite(value) ? Math.round(value * scale) : plain;
}

/** What the server takes. */
export function toRuleBody(values: RuleValues): Record<string, unknown> {
  const body: Record<string, unknown> = { country: values.country };
  for (const name of SAID) body[name] = values[name] === '' ? null : values[name] === 'yes';
  body.countries = values.elsewhere === '' ? null : values.elsewhere === 'yes' ? values.countries : [];
  for (const name of [...CAPS, ...CAPS_OF_ALL]) body[name] = amount(values[name], name.includes('spend') ? MINOR : 1);
  return body;
}
