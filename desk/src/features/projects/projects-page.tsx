import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Project } from '@/shared/api/types';
import { useFormat } from '@/shared/i18n/format';
import { useOptions } from '@/shared/live/cards';
import { useCan } from '@/shared/session/session';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { DataTable } from '@/shared/table/data-table';
import type { Column, Filter } from '@/shared/table/types';
import { Page } from '@/shared/ui/page';
import { Tag } from '@/shared/ui/bits';
import { useStateColumn, useStateFilter } from './archive-state';
import { SERVICES } from './project-values';

export function ProjectsPage() {
  const { t } = useTranslation(['projects', 'common']);
  const can = useCan();
  const navigate = useNavigate();
  const mayWrite = can('projects.write');
  useShortcut(mayWrite ? { keys: 'n', label: t('project.new'), group: 'list', run: () => void navigate({ to: '/projects/$id', params: { id: 'new' } }) } : null);
  const create = mayWrite ? (
    <Button component={Link} to="/projects/new" leftSection={<IconPlus size={15} aria-hidden />}>
      {t('project.new')}
    </Button>
  ) : undefined;
  return (
    <Page title={t('projects')} actions={create} flush>
      <DataTable<Project>
        name="projects"
        caption={t('projects')}
        columns={useColumns()}
        filters={useFilters()}
        rowId={(row) => row.id}
        href={(row) => `/projects/${row.id}`}
        load={(query, signal) => call(api.GET('/api/projects', { params: { query }, signal }))}
        exportPath="/api/projects/export"
        empty={{ title: t('project.none'), text: t('project.noneText'), action: create }}
        dimmed={(row) => row.archived_at !== null}
      />
    </Page>
  );
}

function useColumns(): Column<Project>[] {
  const { t } = useTranslation(['projects', 'common']);
  const format = useFormat();
  const date = (value: string | null) => (value === null ? '' : format.date(value));
  return [
    { id: 'name', header: t('field.projectName'), sort: 'name', cell: (row) => row.name },
    { id: 'code', header: t('field.code'), sort: 'code', cell: (row) => <Tag tone="accent">{row.code}</Tag> },
    { id: 'company', header: t('field.company'), sort: 'company_name', cell: (row) => row.company_name },
    { id: 'service', header: t('field.service'), sort: 'service', cell: (row) => t(`service.${row.service}`) },
    { id: 'languages', header: t('field.languages'), cell: (row) => format.list(row.languages.map((code) => format.language(code))) },
    { id: 'numbers', header: t('numbers'), cell: (row) => format.list(row.numbers.map((one) => one.e164)) },
    { id: 'time_zone', header: t('field.timeZone'), optional: true, cell: (row) => row.time_zone },
    { id: 'starts_on', header: t('field.startsOn'), sort: 'starts_on', optional: true, cell: (row) => date(row.starts_on) },
    { id: 'ends_on', header: t('field.endsOn'), sort: 'ends_on', optional: true, cell: (row) => date(row.ends_on) },
    useStateColumn<Project>(),
  ];
}

function useFilters(): Filter[] {
  const { t } = useTranslation(['projects', 'common']);
  const can = useCan();
  const companies = useOptions('companies');
  const state = useStateFilter();
  const services = SERVICES.map((value) => ({ value, label: t(`service.${value}`) }));
  return [
    ...(can('companies.read') ? [{ id: 'company_id', label: t('field.company'), options: companies }] : []),
    { id: 'service', label: t('field.service'), options: services },
    state,
  ];
}
