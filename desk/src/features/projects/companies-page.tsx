import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Company } from '@/shared/api/types';
import { useFormat } from '@/shared/i18n/format';
import { useCan } from '@/shared/session/session';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { DataTable } from '@/shared/table/data-table';
import type { Column } from '@/shared/table/types';
import { Page } from '@/shared/ui/page';
import { useStateColumn, useStateFilter } from './archive-state';

export function CompaniesPage() {
  const { t } = useTranslation(['projects', 'common']);
  const can = useCan();
  const format = useFormat();
  const navigate = useNavigate();
  const mayWrite = can('companies.write');
  useShortcut(mayWrite ? { keys: 'n', label: t('company.new'), group: 'list', run: () => void navigate({ to: '/companies/$id', params: { id: 'new' } }) } : null);
  const create = mayWrite ? (
    <Button component={Link} to="/companies/new" leftSection={<IconPlus size={15} aria-hidden />}>
      {t('company.new')}
    </Button>
  ) : undefined;
  const columns: Column<Company>[] = [
    { id: 'name', header: t('field.companyName'), sort: 'name', cell: (row) => row.name },
    { id: 'legal_name', header: t('field.legalName'), cell: (row) => row.legal_name },
    { id: 'country', header: t('field.country'), sort: 'country', cell: (row) => format.country(row.country) },
    { id: 'note', header: t('field.note'), optional: true, cell: (row) => row.note },
    useStateColumn<Company>(),
  ];
  return (
    <Page title={t('companies')} actions={create} flush>
      <DataTable<Company>
        name="companies"
        caption={t('companies')}
        columns={columns}
        filters={[useStateFilter()]}
        rowId={(row) => row.id}
        href={(row) => `/companies/${row.id}`}
        load={(query, signal) => call(api.GET('/api/companies', { params: { query }, signal }))}
        exportPath="/api/companies/export"
        empty={{ title: t('company.none'), text: t('company.noneText'), action: create }}
        dimmed={(row) => row.archived_at !== null}
      />
    </Page>
  );
}
