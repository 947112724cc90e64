import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Got } from '@/shared/api/types';
import { useFormat } from '@/shared/i18n/format';
import ui from '@/shared/ui/ui.module.css';

type Check = NonNullable<Got<'/api/operators/{person_id}/selftest'>>;

/** What the last workplace check of an operator measured; `at` changes with each check. */
export function CheckFacts({ id, at }: { readonly id: string; readonly at: string }) {
  const { t } = useTranslation('board');
  const { data } = useQuery({
    queryKey: ['selftest', id, at],
    queryFn: ({ signal }) => call(api.GET('/api/operators/{person_id}/selftest', { params: { path: { person_id: id } }, signal })),
  });
  const lines = useLines();
  if (data == null) return null;
  return (
    <ul className={ui.faint} aria-label={t('check.details')}>
      {lines(data).map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function useLines(): (check: Check) => string[] {
  const { t } = useTranslation('board');
  const format = useFormat();
  return (check) => {
    const { round_trip_ms: trip, jitter_ms: jitter, loss } = check;
    const lines: (string | null)[] = [
      check.microphone === '' && check.speaker === '' ? null : t('check.devices', { microphone: check.microphone || '—', speaker: check.speaker || '—' }),
      check.microphone_level == null ? null : t('check.level', { level: Math.round(check.microphone_level) }),
      check.heard === false ? t('check.notHeard') : null,
      check.echo === true ? t('check.echo') : null,
      check.heard_oneself === false ? t('check.notOneself') : null,
      check.returned_level == null ? null : t('check.returned', { level: Math.round(check.returned_level) }),
      trip == null || jitter == null || loss == null
        ? null
        : t(check.by_call ? 'check.call' : 'check.network', { trip: format.number(trip), jitter: format.number(jitter), lost: format.number(Math.round(loss * 1000) / 10) }),
    ];
    return lines.filter((line) => line !== null);
  };
}
