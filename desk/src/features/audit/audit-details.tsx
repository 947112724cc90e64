import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Row } from '@/shared/api/types';
import { useFormat } from '@/shared/i18n/format';
import { useNames } from '@/shared/live/cards';
import { useActionName } from '@/shared/ui/action-name';
import ui from '@/shared/ui/ui.module.css';
import classes from './audit.module.css';

export function AuditDetails({ row }: { readonly row: Row<'/api/audit'> }) {
  const { t } = useTranslation(['audit', 'common']);
  const format = useFormat();
  const action = useActionName();
  const project = useNames('projects');
  return (
    <>
      <dl className={ui.facts}>
        <dt>{t('at')}</dt>
        <dd>
          <time dateTime={row.at}>{format.exact(row.at)}</time>
        </dd>
        <dt>{t('actor')}</dt>
        <dd>{row.actor_name || t('common:history.program')}</dd>
        <dt>{t('action')}</dt>
        <dd>
          {action(row.action)} <code>{row.action}</code>
        </dd>
        <dt>{t('object')}</dt>
        <dd>
          {row.object_type} <code>{row.object_id}</code>
          <p>
            <Link to="/audit" search={{ object_id: row.object_id }}>
              {t('sameObject')}
            </Link>
          </p>
        </dd>
        {row.project_id !== null && (
          <>
            <dt>{t('project')}</dt>
            <dd>{project(row.project_id) || row.project_id}</dd>
          </>
        )}
      </dl>
      <h3 className={classes.detailsTitle}>{t('details')}</h3>
      <pre className={classes.json}>{JSON.stringify(row.details, null, 2)}</pre>
    </>
  );
}
