import type { Format } from '@/shared/i18n/format';

/** 0.823 -> 82 %: with the space that the language wants. */
export function percent(share: number | null, format: Format): string {
  return share === null ? '—' : `${format.number(Math.round(share * 100))} %`;
}
