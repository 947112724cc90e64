import { useTranslation } from 'react-i18next';
import { DateInput } from '@/shared/form/fields';
import { useSession } from '@/shared/session/session';
import { useTableSearch } from '@/shared/table/use-list';
import { dayOf, endOfDay, startOfDay } from '@/shared/i18n/days';
import classes from './audit.module.css';

/** From one day to another, both included, by the person's own clock. */
export function Period() {
  const { t } = useTranslation(['audit', 'common']);
  const [search, patch] = useTableSearch();
  const zone = useSession().person.time_zone;
  const text = (key: 'since' | 'until') => (typeof search[key] === 'string' ? search[key] : null);
  const since = text('since');
  const until = text('until');
  return (
    <>
      <div className={classes.date}>
        <DateInput hideLabel label={t('since')} placeholder={t('since')} value={since === null ? null : dayOf(since, zone)} onChange={(day) => patch({ since: day === null ? null : startOfDay(day, zone) })} />
      </div>
      <div className={classes.date}>
        <DateInput hideLabel label={t('until')} placeholder={t('until')} value={until === null ? null : dayOf(until, zone)} onChange={(day) => patch({ until: day === null ? null : endOfDay(day, zone) })} />
      </div>
    </>
  );
}
