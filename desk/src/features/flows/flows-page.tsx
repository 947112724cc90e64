import { Button, Drawer } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useFormat } from '@/shared/i18n/format';
import { useNames, useOptions } from '@/shared/live/cards';
import { useCan } from '@/shared/session/session';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { DataTable } from '@/shared/table/data-table';
import type { Column } from '@/shared/table/types';
import { useEdit } from '@/shared/table/use-edit';
import { Tag } from '@/shared/ui/bits';
import { Page } from '@/shared/ui/page';
import type { FlowRow } from './flows';
import { NewFlow } from './new-flow';

const STATES = ['active', 'archived', 'all'] as const;

export function FlowsPage() {
  const { t } = useTranslation(['flows', 'common']);
  const can = useCan();
  const edit = useEdit();
  const projects = useOptions('projects');
  const mayWrite = can('flows.write');
  useShortcut(mayWrite ? { keys: 'n', label: t('new'), group: 'list', run: () => edit.open('new') } : null);
  const create = mayWrite ? (
    <Button leftSection={<IconPlus size={15} aria-hidden />} onClick={() => edit.open('new')}>
      {t('new')}
    </Button>
  ) : undefined;
  return (
    <Page title={t('title')} actions={create} flush>
      <DataTable<FlowRow>
        name="flows"
        caption={t('title')}
        columns={useColumns()}
        filters={[
          { id: 'project_id', label: t('field.project'), options: projects },
          { id: 'state', label: t('field.state'), options: STATES.map((value) => ({ value, label: t(`state.${value}`) })), standard: 'active' },
        ]}
        rowId={(row) => row.id}
        href={(row) => `/flows/${row.id}`}
        load={(query, signal) => call(api.GET('/api/flows', { params: { query }, signal }))}
        empty={{ title: t('none'), text: t('noneText'), action: create }}
        dimmed={(row) => row.archived_at !== null}
      />
      <Drawer opened={edit.id === 'new'} onClose={edit.close} title={t('new')} closeButtonProps={{ 'aria-label': t('common:close') }}>
        {edit.id === 'new' && <NewFlow />}
      </Drawer>
    </Page>
  );
}

function useColumns(): Column<FlowRow>[] {
  const { t } = useTranslation(['flows', 'common']);
  const format = useFormat();
  const project = useNames('projects');
  return [
    { id: 'name', header: t('field.flowName'), sort: 'name', cell: (row) => row.name },
    { id: 'project', header: t('field.project'), cell: (row) => project(row.project_id) },
    {
      id: 'published',
      header: t('field.published'),
      cell: (row) => (
        <>
          <Tag tone={row.published === null ? 'warn' : 'good'}>{row.published === null ? t('neverPublished') : t('publishedAs', { number: row.published })}</Tag>{' '}
          {row.published !== null && row.unpublished_changes && <Tag tone="accent">{t('draftAhead')}</Tag>}
        </>
      ),
    },
    { id: 'numbers', header: t('numbers.title'), cell: (row) => format.list(row.numbers.map((one) => one.e164)) },
    { id: 'changed_at', header: t('field.changedAt'), sort: 'changed_at', cell: (row) => format.dateTime(row.changed_at) },
    { id: 'note', header: t('field.note'), optional: true, cell: (row) => row.note },
  ];
}
