import { IconCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Got } from '@/shared/api/types';
import { useFormat } from '@/shared/i18n/format';
import { useSession } from '@/shared/session/session';
import { Loaded } from '@/shared/ui/error-view';
import { Page } from '@/shared/ui/page';
import { usePermissionName } from '@/shared/ui/permission-name';
import ui from '@/shared/ui/ui.module.css';
import classes from './roles.module.css';

type Roles = Got<'/api/roles'>;

/** Who may do what. The table is part of the program; who holds which role is set with each employee. */
export function RolesPage() {
  const { t } = useTranslation(['roles', 'common']);
  const roles = useQuery({ queryKey: ['roles'], queryFn: ({ signal }) => call(api.GET('/api/roles', { signal })) });
  return (
    <Page title={t('title')}>
      <p className={classes.lead}>{t('lead')}</p>
      <Loaded query={roles} lines={16}>
        {(data) => <Matrix data={data} />}
      </Loaded>
    </Page>
  );
}

function Matrix({ data }: { readonly data: Roles }) {
  const { t } = useTranslation(['roles', 'common']);
  const format = useFormat();
  const permission = usePermissionName();
  const mine = useSession().roles;
  const rooms = [...new Set(data.permissions.map((one) => one.room))];
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard
    <div className={classes.scroller} role="region" aria-label={t('title')} tabIndex={0}>
      <table className={classes.matrix}>
        <thead>
          <tr>
            <th scope="col">{t('permission')}</th>
            {data.roles.map((one) => (
              <th key={one.role} scope="col" data-mine={mine.includes(one.role)}>
                <span className={classes.role}>{t(`common:role.${one.role}`)}</span>
                <Link to="/employees" search={{ role: one.role }} className={classes.people}>
                  {t('people', { count: one.people, shown: format.number(one.people) })}
                </Link>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{t('scope')}</th>
            {data.roles.map((one) => (
              <td key={one.role} className={classes.scope}>
                {t(one.centre ? 'centre' : 'ownProjects')}
              </td>
            ))}
          </tr>
          {rooms.map((room) => (
            <Fragment key={room}>
              {data.permissions
                .filter((one) => one.room === room)
                .map((one, index) => (
                  <tr key={one.permission} data-first={index === 0}>
                    <th scope="row">{permission(one.permission)}</th>
                    {data.roles.map(({ role }) => (
                      <td key={role}>{one.roles.includes(role) ? <Allowed /> : <span className="visually-hidden">{t('common:no')}</span>}</td>
                    ))}
                  </tr>
                ))}
            </Fragment>
          ))}
        </tbody>
      </table>
      <p className={ui.faint}>{t('yours', { roles: format.list(mine.map((role) => t(`common:role.${role}`))) })}</p>
    </div>
  );
}

function Allowed() {
  const { t } = useTranslation();
  return (
    <>
      <IconCheck size={16} className={classes.check} aria-hidden />
      <span className="visually-hidden">{t('yes')}</span>
    </>
  );
}
