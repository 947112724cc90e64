import { Link } from '@tanstack/react-router';
import { Suspense, lazy } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan, useSession } from '@/shared/session/session';
import { Keys } from '@/shared/ui/bits';
import { Page, Section } from '@/shared/ui/page';
import classes from './home.module.css';

const DemoCard = lazy(async () => {
  const card = await import('@/features/demo/demo-card');
  await card.ready;
  return { default: card.DemoCard };
});

const PLACES = [
  { id: 'work', to: '/work', keys: 'g w', permission: 'work.own' },
  { id: 'selftest', to: '/selftest', keys: 'g m', permission: 'work.own' },
  { id: 'employees', to: '/employees', keys: 'g e', permission: 'employees.read' },
  { id: 'projects', to: '/projects', keys: 'g p', permission: 'projects.read' },
  { id: 'calendars', to: '/calendars', keys: 'g l', permission: 'calendars.read' },
  { id: 'companies', to: '/companies', keys: 'g c', permission: 'companies.read' },
  { id: 'audit', to: '/audit', keys: 'g a', permission: 'audit.read' },
  { id: 'system', to: '/system', keys: 'g s', permission: 'system.read' },
] as const;

/** Where a working day begins. */
export function HomePage() {
  const { t } = useTranslation(['home', 'common']);
  const can = useCan();
  const { person, projects } = useSession();
  return (
    <Page title={t('title')}>
      <div className={classes.home}>
        <p className={classes.greeting}>{t('greeting', { name: person.given_name })}</p>
        {projects.length > 0 && <p className={classes.lead}>{t('projects', { count: projects.length })}</p>}
        {projects.length === 0 && can('companies.write') && (
          <p className={classes.tip}>
            {t('first')} <Link to="/companies/$id" params={{ id: 'new' }}>{t('firstLink')}</Link>
          </p>
        )}
        {!person.totp_enabled && (
          <p className={classes.tip}>
            {t('totp')} <Link to="/me">{t('totpLink')}</Link>
          </p>
        )}
        {can('phone.own') && (
          <Suspense>
            <DemoCard />
          </Suspense>
        )}
        <Section title={t('places')}>
          <ul className={classes.places}>
            {PLACES.filter((place) => can(place.permission)).map((place) => (
              <li key={place.id}>
                <Link to={place.to} className={classes.place}>
                  <span className={classes.placeName}>{t(`place.${place.id}.name`)}</span>
                  <span className={classes.placeText}>{t(`place.${place.id}.text`)}</span>
                  <Keys keys={place.keys} />
                </Link>
              </li>
            ))}
          </ul>
        </Section>
      </div>
    </Page>
  );
}
