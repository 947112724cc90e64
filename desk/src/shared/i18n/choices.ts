import { useMemo } from 'react';
import { useQuery } from '@tanstack/react-query';
import { api, call } from '@/shared/api/http';
import type { Option } from '@/shared/table/types';
import { useFormat } from './format';

// Languages that contact centres of the region offer; ISO 639-1.
const LANGUAGE_CODES = 'ro ru en uk bg tr de fr it es pl pt el he ar hu sr cs sk lt lv et fi sv nl zh ja ko ka hy az kk uz'.split(' ');

export function useLanguageOptions(): Option[] {
  const format = useFormat();
  return useMemo(
    () => LANGUAGE_CODES.map((value) => ({ value, label: format.language(value) })).sort((a, b) => format.compare(a.label, b.label)),
    [format],
  );
}

/** IANA zones that the browser knows, the wanted one first. */
export function timeZoneOptions(current: string): Option[] {
  const zones = Intl.supportedValuesOf('timeZone');
  return [...new Set([current, 'UTC', ...zones])].map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') }));
}

export interface CountryOption extends Option {
  readonly subdivisions: readonly string[];
}

/** Countries by name; the list does not change while the page is open. `current` has its name before it is there. */
export function useCountryOptions(current: string | null): CountryOption[] {
  const format = useFormat();
  const { data } = useQuery({ queryKey: ['countries'], queryFn: ({ signal }) => call(api.GET('/api/countries', { signal })), staleTime: Infinity });
  return useMemo(
    () =>
      (data ?? (current === null ? [] : [{ code: current, subdivisions: [] }]))
        .map((one) => ({ value: one.code, label: format.country(one.code), subdivisions: one.subdivisions }))
        .sort((a, b) => format.compare(a.label, b.label)),
    [data, format, current],
  );
}
