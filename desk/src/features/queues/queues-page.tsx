import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useFormat } from '@/shared/i18n/format';
import { useNames, useOptions } from '@/shared/live/cards';
import { useCan } from '@/shared/session/session';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { DataTable } from '@/shared/table/data-table';
import type { Column } from '@/shared/table/types';
import { Tag } from '@/shared/ui/bits';
import { Page } from '@/shared/ui/page';
import { writeDuration } from './duration';
import type { Queue } from './queues';

export function QueuesPage() {
  const { t } = useTranslation(['queues', 'common']);
  const can = useCan();
  const navigate = useNavigate();
  const projects = useOptions('projects');
  const mayWrite = can('queues.write');
  useShortcut(mayWrite ? { keys: 'n', label: t('new'), group: 'list', run: () => void navigate({ to: '/queues/$id', params: { id: 'new' } }) } : null);
  const create = mayWrite ? (
    <Button component={Link} to="/queues/new" leftSection={<IconPlus size={15} aria-hidden />}>
      {t('new')}
    </Button>
  ) : undefined;
  return (
    <Page title={t('title')} actions={create} flush>
      <DataTable<Queue>
        name="queues"
        caption={t('title')}
        columns={useColumns()}
        filters={[
          { id: 'project_id', label: t('field.project_id'), options: projects },
          { id: 'archived', label: t('state'), options: [{ value: 'true', label: t('withArchived') }] },
        ]}
        rowId={(row) => row.id}
        href={(row) => `/queues/${row.id}`}
        load={(query, signal) => call(api.GET('/api/queues', { params: { query }, signal }))}
        empty={{ title: t('none'), text: t('noneText'), action: create }}
        dimmed={(row) => row.archived_at !== null}
      />
    </Page>
  );
}

function useColumns(): Column<Queue>[] {
  const { t } = useTranslation('queues');
  const format = useFormat();
  const project = useNames('projects');
  const calendar = useNames('calendars');
  const people = (row: Queue) => (row.operators === 0 && row.archived_at === null ? <Tag tone="warn">{t('nobody')}</Tag> : format.number(row.operators));
  return [
    { id: 'name', header: t('field.name'), sort: 'name', cell: (row) => row.name },
    { id: 'project', header: t('field.project_id'), cell: (row) => project(row.project_id) },
    { id: 'operators', header: t('members.title'), numeric: true, cell: people },
    { id: 'strategy', header: t('field.strategy'), cell: (row) => t(`strategy.${row.rules.strategy}`) },
    { id: 'target', header: t('field.target'), numeric: true, cell: (row) => writeDuration(row.rules.target) },
    { id: 'calendar', header: t('field.calendar_id'), cell: (row) => (row.calendar_id === null ? t('always') : calendar(row.calendar_id)) },
    { id: 'wrap_up', header: t('field.wrap_up'), numeric: true, optional: true, cell: (row) => writeDuration(row.rules.wrap_up) },
    { id: 'note', header: t('field.note'), optional: true, cell: (row) => row.note },
    { id: 'archived', header: t('state'), optional: true, cell: (row) => (row.archived_at === null ? '' : t('archived', { at: format.date(row.archived_at) })) },
  ];
}
