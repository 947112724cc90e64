import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useFormat } from '@/shared/i18n/format';
import { useCan } from '@/shared/session/session';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { DataTable } from '@/shared/table/data-table';
import type { Column } from '@/shared/table/types';
import { Page } from '@/shared/ui/page';
import { HealthState } from './health';
import type { Trunk } from './trunks';

/** The ways to the carriers, with their health as it is now. */
export function TrunksPage() {
  const { t } = useTranslation(['trunks', 'common']);
  const can = useCan();
  const format = useFormat();
  const navigate = useNavigate();
  const mayWrite = can('trunks.write');
  useShortcut(mayWrite ? { keys: 'n', label: t('new'), group: 'list', run: () => void navigate({ to: '/trunks/$id', params: { id: 'new' } }) } : null);
  const create = mayWrite ? (
    <Button component={Link} to="/trunks/new" leftSection={<IconPlus size={15} aria-hidden />}>
      {t('new')}
    </Button>
  ) : undefined;
  const calls = (row: Trunk) =>
    row.max_calls === null ? format.number(row.health.calls) : t('callsOf', { now: format.number(row.health.calls), most: format.number(row.max_calls) });
  const columns: Column<Trunk>[] = [
    { id: 'name', header: t('field.name'), sort: 'name', cell: (row) => row.name },
    { id: 'health', header: t('health.title'), cell: (row) => <HealthState health={row.health} /> },
    { id: 'calls', header: t('field.calls'), numeric: true, cell: calls },
    { id: 'host', header: t('field.host'), sort: 'host', cell: (row) => row.host },
    { id: 'transport', header: t('field.transport'), sort: 'transport', cell: (row) => row.transport.toUpperCase() },
    { id: 'priority', header: t('field.priority'), sort: 'priority', numeric: true, cell: (row) => format.number(row.priority) },
    { id: 'weight', header: t('field.weight'), numeric: true, optional: true, cell: (row) => format.number(row.weight) },
    { id: 'codecs', header: t('field.codecs'), optional: true, cell: (row) => format.list(row.codecs) },
    { id: 'note', header: t('field.note'), optional: true, cell: (row) => row.note },
  ];
  return (
    <Page title={t('title')} actions={create} flush>
      <DataTable<Trunk>
        name="trunks"
        caption={t('title')}
        columns={columns}
        filters={[
          {
            id: 'enabled',
            label: t('field.enabled'),
            options: [
              { value: 'true', label: t('on') },
              { value: 'false', label: t('off') },
            ],
          },
        ]}
        rowId={(row) => row.id}
        href={(row) => `/trunks/${row.id}`}
        load={(query, signal) => call(api.GET('/api/trunks', { params: { query }, signal }))}
        exportPath="/api/trunks/export"
        empty={{ title: t('none'), text: t('noneText'), action: create }}
        dimmed={(row) => !row.enabled}
      />
    </Page>
  );
}
