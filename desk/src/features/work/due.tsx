import { IconAlarm } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useNow } from '@/shared/ui/elapsed';
import { usePromises } from './promises';
import classes from './bar.module.css';

/** On every page: how many promised call-backs are due. */
export function DueSign() {
  const { t } = useTranslation('work');
  const now = useNow();
  const due = usePromises().filter((one) => Date.parse(one.due_at) <= now).length;
  return (
    <span role="status">
      {due > 0 && (
        <Link to="/work" className={classes.due}>
          <IconAlarm size={15} aria-hidden />
          {t('promise.dueCount', { count: due })}
        </Link>
      )}
    </span>
  );
}
