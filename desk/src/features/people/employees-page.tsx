import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Employee } from '@/shared/api/types';
import { useFormat } from '@/shared/i18n/format';
import { useNames, useOptions } from '@/shared/live/cards';
import { useCan, useProject } from '@/shared/session/session';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { DataTable } from '@/shared/table/data-table';
import type { Column, Filter } from '@/shared/table/types';
import { Avatar, State, Tag } from '@/shared/ui/bits';
import { Page } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { personName, ROLES } from './people';

export function EmployeesPage() {
  const { t } = useTranslation(['people', 'common']);
  const can = useCan();
  const navigate = useNavigate();
  const mayCreate = can('employees.write');
  useShortcut(mayCreate ? { keys: 'n', label: t('employee.new'), group: 'list', run: () => void navigate({ to: '/employees/$id', params: { id: 'new' } }) } : null);
  const create = mayCreate ? (
    <Button component={Link} to="/employees/new" leftSection={<IconPlus size={15} aria-hidden />}>
      {t('employee.new')}
    </Button>
  ) : undefined;
  return (
    <Page title={t('employees')} actions={create} flush>
      <DataTable<Employee>
        name="employees"
        caption={t('employees')}
        columns={useColumns()}
        filters={useFilters()}
        rowId={(row) => row.id}
        href={(row) => `/employees/${row.id}`}
        load={(query, signal) => call(api.GET('/api/employees', { params: { query }, signal }))}
        exportPath="/api/employees/export"
        empty={{ title: t('employee.none'), text: t('employee.noneText'), action: create }}
        dimmed={(row) => row.dismissed_at !== null}
      />
    </Page>
  );
}

function useColumns(): Column<Employee>[] {
  const { t } = useTranslation(['people', 'common']);
  const format = useFormat();
  const team = useNames('teams');
  const superior = useNames('employees');
  const skill = useNames('skills');
  const project = useNames('projects');
  return [
    {
      id: 'name',
      header: t('field.name'),
      sort: 'name',
      cell: (row) => (
        <>
          <Avatar given={row.given_name} family={row.family_name} />
          {personName(row) || t('employee.erasedName')}
        </>
      ),
    },
    { id: 'number', header: t('field.shortNumber'), sort: 'number', cell: (row) => row.number },
    { id: 'login', header: t('field.login'), sort: 'login', optional: true, cell: (row) => row.login },
    { id: 'team', header: t('field.team'), sort: 'team', cell: (row) => team(row.team_id) },
    {
      id: 'roles',
      header: t('field.roles'),
      cell: (row) => (
        <span className={ui.tags}>
          {row.roles.map((role) => (
            <Tag key={role}>{t(`common:role.${role}`)}</Tag>
          ))}
        </span>
      ),
    },
    { id: 'skills', header: t('field.skills'), cell: (row) => format.list(row.skills.map((one) => `${skill(one.skill_id)} ${one.level}`)) },
    { id: 'languages', header: t('field.languages'), optional: true, cell: (row) => format.list(row.languages.map((one) => `${format.language(one.language)} ${one.level}`)) },
    { id: 'projects', header: t('field.projects'), optional: true, cell: (row) => format.list(row.project_ids.map(project).filter((name) => name !== '')) },
    { id: 'superior', header: t('field.superior'), optional: true, cell: (row) => superior(row.superior_id) },
    { id: 'phone', header: t('field.phone'), optional: true, cell: (row) => row.phone.masked },
    { id: 'email', header: t('field.email'), optional: true, cell: (row) => row.email.masked },
    { id: 'hired_on', header: t('field.hiredOn'), sort: 'hired_on', optional: true, cell: (row) => (row.hired_on === null ? '' : format.date(row.hired_on)) },
    {
      id: 'state',
      header: t('field.state'),
      cell: (row) =>
        row.dismissed_at === null ? <State tone="good">{t('state.active')}</State> : <State tone="plain">{t('state.dismissedOn', { date: format.date(row.dismissed_at) })}</State>,
    },
  ];
}

function useFilters(): Filter[] {
  const { t } = useTranslation(['people', 'common']);
  const teams = useOptions('teams');
  const skills = useOptions('skills');
  const projects = useOptions('projects');
  const project = useProject();
  return [
    { id: 'team_id', label: t('field.team'), options: teams },
    { id: 'role', label: t('field.role'), options: ROLES.map((role) => ({ value: role, label: t(`common:role.${role}`) })) },
    { id: 'skill_id', label: t('field.skill'), options: skills },
    // Who works for the whole centre sees all its people; a chosen project narrows the list all the same.
    { id: 'project_id', label: t('field.project'), options: projects, ...(project === null ? {} : { standard: project }) },
    {
      id: 'state',
      label: t('field.state'),
      standard: 'active',
      options: (['active', 'dismissed', 'all'] as const).map((value) => ({ value, label: t(`state.${value}`) })),
    },
  ];
}
