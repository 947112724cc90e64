import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useFormat } from '@/shared/i18n/format';
import { useNames } from '@/shared/live/cards';
import { useWatch } from '@/shared/live/live';
import { Loaded } from '@/shared/ui/error-view';
import { Page, Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { CallerIds } from './caller-ids';
import { Prices } from './prices';
import { RulesSection } from './rules-section';
import { Tester } from './tester';
import type { Dialling } from './trunks';

type Loose = (key: string, params?: Record<string, unknown>) => string;

/** Who may dial what, within which caps, and what is shown. */
export function DiallingPage() {
  const { t } = useTranslation('trunks');
  useWatch('trunks');
  const query = useQuery({ queryKey: ['dialling', 'whole'], queryFn: ({ signal }) => call(api.GET('/api/dialling', { signal })) });
  return (
    <Page title={t('dialling.title')}>
      <div className={ui.narrow}>
        <Tester />
        <Loaded query={query}>
          {(dialling) => (
            <>
              <RulesSection dialling={dialling} />
              <Alarms />
              <Emergency dialling={dialling} />
              <CallerIds />
              <Prices dialling={dialling} />
            </>
          )}
        </Loaded>
      </div>
    </Page>
  );
}

function Emergency({ dialling }: { readonly dialling: Dialling }) {
  const { t } = useTranslation('trunks');
  const format = useFormat();
  return (
    <Section title={t('emergency.title')} note={t('emergency.note')}>
      {dialling.emergency.length === 0 && <p className={ui.muted}>{t('emergency.none')}</p>}
      <dl className={ui.facts}>
        {dialling.emergency.map((one) => [<dt key={`${one.country}-name`}>{format.country(one.country)}</dt>, <dd key={one.country}>{format.list(one.numbers)}</dd>])}
      </dl>
    </Section>
  );
}

function Alarms() {
  const { t } = useTranslation('trunks');
  const { t: errors } = useTranslation('errors');
  const format = useFormat();
  const person = useNames('employees');
  const query = useQuery({ queryKey: ['dialling', 'alarms'], queryFn: ({ signal }) => call(api.GET('/api/dialling/alarms', { signal })) });
  return (
    <Section title={t('alarms.title')} note={t('alarms.note')}>
      <Loaded query={query}>
        {(alarms) =>
          alarms.length === 0 ? (
            <p className={ui.muted}>{t('alarms.none')}</p>
          ) : (
            <table className={ui.plainTable}>
              <thead>
                <tr>
                  <th scope="col">{t('alarms.at')}</th>
                  <th scope="col">{t('alarms.who')}</th>
                  <th scope="col">{t('alarms.what')}</th>
                  <th scope="col">{t('alarms.refused')}</th>
                </tr>
              </thead>
              <tbody>
                {alarms.map((alarm) => (
                  <tr key={alarm.id}>
                    <td>{format.dateTime(alarm.at)}</td>
                    <td>{alarm.person_id === null ? t('scope.centre') : person(alarm.person_id)}</td>
                    <td>{(errors as unknown as Loose)(alarm.cap, { cap: alarm.allowed })}</td>
                    <td className={ui.number}>{format.number(alarm.refused)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
    </Section>
  );
}
