import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { State } from '@/shared/ui/bits';
import ui from '@/shared/ui/ui.module.css';
import { toneOf, type Leg } from './calls';

interface LegsProps {
  readonly legs: readonly Leg[];
  /** In the clear, once somebody has asked for them. */
  readonly numbers: readonly { readonly id: string; readonly peer: string }[] | undefined;
}

/** Who took part, when, how it ended and how it sounded. */
export function Legs({ legs, numbers }: LegsProps) {
  const { t } = useTranslation('calls');
  const format = useFormat();
  const figure = (value: number | null) => (value === null ? '—' : format.number(value));
  const heads = ['codec', 'mos', 'loss', 'jitter', 'sip', 'q850'] as const;
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling table must be reachable by keyboard
    <div className={ui.scrollX} tabIndex={0} role="group" aria-label={t('legs')}>
      <table className={ui.plainTable}>
        <thead>
          <tr>
            <th scope="col">{t('field.peer')}</th>
            <th scope="col">{t('field.direction')}</th>
            <th scope="col">{t('field.started')}</th>
            <th scope="col">{t('field.answered')}</th>
            <th scope="col">{t('field.cause')}</th>
            {heads.map((head) => (
              <th key={head} scope="col" className={ui.number}>
                {t(`field.${head}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {legs.map((leg) => (
            <tr key={leg.id}>
              <td>{(numbers?.find((one) => one.id === leg.id)?.peer ?? leg.peer.masked) || '—'}</td>
              <td>{t(`direction.${leg.direction}`)}</td>
              <td>{format.exact(leg.started_at)}</td>
              <td>{leg.answered_at === null ? '—' : format.exact(leg.answered_at)}</td>
              <td>
                <State tone={toneOf(leg.cause)}>{leg.cause === null ? t('goesOn') : t(`cause.${leg.cause}`)}</State>
              </td>
              <td className={ui.number}>{leg.codec ?? '—'}</td>
              <td className={ui.number}>{figure(leg.mos_received)}</td>
              <td className={ui.number}>{figure(leg.loss_pct)}</td>
              <td className={ui.number}>{figure(leg.jitter_ms)}</td>
              <td className={ui.number}>{leg.sip_status ?? '—'}</td>
              <td className={ui.number}>{leg.q850 ?? '—'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
