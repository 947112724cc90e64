import { useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { ContactStrip } from './contact-strip';
import { DueSign } from './due';
import { mainContact, offersOf } from './machine';
import { NoticeBanner } from './notices';
import { Offers } from './offers';
import { StateMenu } from './state-menu';
import { useWork, work } from './work';
import classes from './bar.module.css';

/** The operator's part of the call bar: the own state, the contact of now, and what can be done with it. */
export function WorkBar() {
  const { t } = useTranslation('work');
  useEffect(() => {
    work.start();
    return () => work.stop();
  }, []);
  const model = useWork();
  const main = mainContact(model);
  // On the page of work offers stand in its list, so that nothing lies over what is typed.
  const onPage = useRouterState({ select: (state) => state.location.pathname === '/work' });
  return (
    <section className={classes.bar} aria-label={t('bar.label')}>
      <StateMenu model={model} />
      {!onPage && <Offers model={model} offers={offersOf(model)} floating />}
      {main === null && <DueSign />}
      {main !== null && <ContactStrip model={model} contact={main} />}
      <NoticeBanner />
    </section>
  );
}
