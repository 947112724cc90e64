import { useTranslation } from 'react-i18next';

export type TrunkLabels = Readonly<Record<string, string>>;

const FIELDS = [
  'name', 'enabled', 'kind', 'transport', 'host', 'port', 'proxy', 'user', 'realm', 'password', 'expires', 'sources', 'srtp', 'codecs', 'priority',
  'weight', 'failover', 'watch_seconds', 'max_calls', 'max_rate', 'country', 'number_out', 'rules_out', 'number_in', 'rules_in', 'identity',
  'default_number', 'note',
] as const;

/** What each field is called: in the form, and where two versions are compared. */
export function useTrunkLabels(): TrunkLabels {
  const { t } = useTranslation('trunks');
  return Object.fromEntries(FIELDS.map((field) => [field, t(`field.${field}`)]));
}
