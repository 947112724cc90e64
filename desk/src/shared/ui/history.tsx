import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useFormat } from '@/shared/i18n/format';
import { useCan } from '@/shared/session/session';
import { Panel } from './page';
import { useActionName } from './action-name';
import classes from './ui.module.css';

const SHOWN = 8; // rows; the trail itself has the rest

/** What happened to one thing lately, for those who may read the audit trail. */
export function ObjectHistory({ id }: { readonly id: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const format = useFormat();
  const action = useActionName();
  const allowed = can('audit.read');
  const rows = useQuery({
    queryKey: ['audit', 'object', id],
    queryFn: ({ signal }) => call(api.GET('/api/audit', { params: { query: { object_id: id, page_size: SHOWN } }, signal })),
    enabled: allowed,
  });
  if (!allowed || rows.data === undefined) return null;
  return (
    <Panel title={t('history.title')}>
      {rows.data.items.length === 0 && <p className={classes.muted}>{t('history.none')}</p>}
      <ul>
        {rows.data.items.map((row) => (
          <li key={row.seq} className={classes.historyRow}>
            <span>{action(row.action)}</span>
            <span className={classes.faint}>
              {row.actor_name || t('history.program')} · <time dateTime={row.at}>{format.dateTime(row.at)}</time>
            </span>
          </li>
        ))}
      </ul>
      {rows.data.total > SHOWN && (
        <Link to="/audit" search={{ object_id: id }}>
          {t('history.all', { count: rows.data.total })}
        </Link>
      )}
    </Panel>
  );
}
