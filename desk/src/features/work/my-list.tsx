import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Countdown, Elapsed } from '@/shared/ui/elapsed';
import { nameOf, numberOf, type WorkContact } from './document';
import { offersOf, type Model } from './machine';
import { NewCall } from './new-call';
import { Offers } from './offers';
import { PromiseList } from './promises';
import classes from './work.module.css';

interface ListProps {
  readonly model: Model;
  readonly contacts: readonly WorkContact[];
  readonly shown: string | null;
}

/** What is in this person's hands now, and what was promised for later. */
export function MyList({ model, contacts, shown }: ListProps) {
  const { t } = useTranslation('work');
  const held = contacts.filter((one) => one.phase !== 'offered');
  return (
    <aside className={classes.list} aria-label={t('list.label')}>
      <Offers model={model} offers={offersOf(model)} />
      <h2 className={classes.listTitle}>{t('list.now')}</h2>
      <ul>
        {held.map((one) => (
          <li key={one.id}>
            <Link to="/work" search={{ contact: one.id } as never} className={classes.item} aria-current={one.id === shown ? 'true' : undefined}>
              <span className={classes.lamp} data-phase={one.phase} aria-hidden />
              <span className={classes.itemText}>
                <span className={classes.itemName}>{nameOf(one) || numberOf(one) || t('unknown')}</span>
                <span className={classes.itemNote}>
                  {t(`phase.${one.phase}`)} · {one.queue || one.project}
                </span>
              </span>
              {one.until === null ? (
                <Elapsed since={Date.parse(one.since)} offset={model.clockOffset} />
              ) : (
                <Countdown until={Date.parse(one.until)} offset={model.clockOffset} />
              )}
            </Link>
          </li>
        ))}
      </ul>
      {contacts.length === 0 && <p className={classes.nothing}>{t('list.nothing')}</p>}
      <PromiseList />
      <div className={classes.below}>
        <NewCall />
        <Link to="/selftest">{t('list.check')}</Link>
      </div>
    </aside>
  );
}
