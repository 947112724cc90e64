import { Button, Drawer } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Row } from '@/shared/api/types';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useFormat } from '@/shared/i18n/format';
import { useOptions } from '@/shared/live/cards';
import { DataTable } from '@/shared/table/data-table';
import type { Column, Filter } from '@/shared/table/types';
import { useActionName } from '@/shared/ui/action-name';
import { Notice } from '@/shared/ui/bits';
import { Page } from '@/shared/ui/page';
import { AuditDetails } from './audit-details';
import { Period } from './period';
import { ACTION_GROUPS } from './actions';
import classes from './audit.module.css';

type AuditRow = Row<'/api/audit'>;

export function AuditPage() {
  const { t } = useTranslation(['audit', 'common']);
  const format = useFormat();
  const [open, setOpen] = useState<AuditRow | null>(null);
  const verify = useMutation({
    mutationFn: () => call(api.POST('/api/audit/verify')),
    onError: (error) => void toast.error(errorText(error)),
  });
  const verdict = verify.data;
  return (
    <Page
      title={t('title')}
      flush
      actions={
        <Button variant="default" leftSection={<IconShieldCheck size={16} aria-hidden />} loading={verify.isPending} onClick={() => verify.mutate()}>
          {t('verify')}
        </Button>
      }
    >
      {verdict !== undefined && (
        <div className={classes.verdict}>
          <Notice tone={verdict.ok ? 'good' : 'bad'} urgent={!verdict.ok}>
            {verdict.ok
              ? t('intact', { count: verdict.rows, shown: format.number(verdict.rows) })
              : t('broken', { row: format.number(verdict.broken_at ?? 0) })}
          </Notice>
        </div>
      )}
      <DataTable<AuditRow>
        name="audit"
        caption={t('title')}
        columns={useColumns()}
        filters={useFilters()}
        moreFilters={<Period />}
        searchable={false}
        rowId={(row) => String(row.seq)}
        onOpen={setOpen}
        load={(query, signal) => call(api.GET('/api/audit', { params: { query }, signal }))}
        exportPath="/api/audit/export"
        empty={{ title: t('none'), text: t('noneText') }}
      />
      <Drawer opened={open !== null} onClose={() => setOpen(null)} title={t('row', { number: open?.seq ?? 0 })} closeButtonProps={{ 'aria-label': t('common:close') }}>
        {open !== null && <AuditDetails row={open} />}
      </Drawer>
    </Page>
  );
}

function useColumns(): Column<AuditRow>[] {
  const { t } = useTranslation(['audit', 'common']);
  const format = useFormat();
  const action = useActionName();
  return [
    { id: 'at', header: t('at'), cell: (row) => <time dateTime={row.at}>{format.exact(row.at)}</time> },
    { id: 'actor', header: t('actor'), cell: (row) => row.actor_name || t('common:history.program') },
    { id: 'action', header: t('action'), cell: (row) => action(row.action) },
    { id: 'object', header: t('object'), cell: (row) => <span className={classes.object}>{row.object_type}</span> },
    { id: 'details', header: t('details'), cell: (row) => <code className={classes.preview}>{Object.keys(row.details).length > 0 ? JSON.stringify(row.details) : ''}</code> },
    { id: 'seq', header: t('number'), numeric: true, optional: true, cell: (row) => row.seq },
  ];
}

function useFilters(): Filter[] {
  const { t } = useTranslation(['audit', 'common']);
  const people = useOptions('employees');
  return [
    { id: 'actor_id', label: t('actor'), options: people },
    { id: 'action', label: t('action'), options: ACTION_GROUPS.map((value) => ({ value, label: t(`group.${value}`) })) },
  ];
}
