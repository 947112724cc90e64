import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import classes from './recordings.module.css';

/** The two sides of keeping recordings: how long, and whether all is there. */
export function Places() {
  const { t } = useTranslation('recordings');
  return (
    <nav className={classes.places} aria-label={t('title')}>
      <Link to="/recordings" activeOptions={{ exact: true, includeSearch: false }}>
        {t('keeping.title')}
      </Link>
      <Link to="/recordings/check" activeOptions={{ includeSearch: false }}>
        {t('check.title')}
      </Link>
    </nav>
  );
}
