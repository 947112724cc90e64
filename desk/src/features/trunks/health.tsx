import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { State } from '@/shared/ui/bits';
import { Panel } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { TONES, type Health, type Trunk } from './trunks';

type Loose = (key: string) => string;

/** In colour and in words, with the reason where it is not well. */
export function HealthState({ health }: { readonly health: Health }) {
  const { t } = useTranslation('trunks');
  const word = t(`health.${health.state}`);
  const why = health.state === 'failing' ? `${word}: ${(t as unknown as Loose)(`reason.${health.reason}`)}` : word;
  return <State tone={TONES[health.state]}>{why}</State>;
}

/** Why the trunk is what it is, since when, and what comes next. */
export function HealthPanel({ trunk }: { readonly trunk: Trunk }) {
  const { t } = useTranslation('trunks');
  const format = useFormat();
  const { health } = trunk;
  const rows: [string, string][] = [[t('health.why'), (t as unknown as Loose)(`reasonText.${health.reason}`)]];
  if (health.registered !== null) rows.push([t('health.registered'), t(health.registered ? 'yes' : 'no')]);
  if (health.reachable !== null) rows.push([t('health.reachable'), t(health.reachable ? 'yes' : 'no')]);
  if (health.status > 0) rows.push([t('health.status'), String(health.status)]);
  if (health.failures > 0) rows.push([t('health.failures'), format.number(health.failures)]);
  if (health.since !== null) rows.push([t('health.since'), format.dateTime(health.since)]);
  if (health.checked_at !== null) rows.push([t('health.checked'), format.exact(health.checked_at)]);
  if (health.next_at !== null) rows.push([t('health.next'), format.exact(health.next_at)]);
  rows.push([t('field.calls'), format.number(health.calls)]);
  return (
    <Panel title={t('health.title')}>
      <p>
        <State tone={TONES[health.state]}>{t(`health.${health.state}`)}</State>
      </p>
      <dl className={ui.facts}>
        {rows.map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
      </dl>
    </Panel>
  );
}
