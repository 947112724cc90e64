import { Button, Drawer } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useWatch } from '@/shared/live/live';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { useEdit } from '@/shared/table/use-edit';
import { Empty } from '@/shared/ui/bits';
import { Loaded } from '@/shared/ui/error-view';
import { Page } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { BreakCapForm } from './break-cap';
import { BreakForm, type Break } from './break-form';
import { useMayChangeBreaks } from './may-change';
import classes from './queues.module.css';

/** Why people leave their desk: the same for the whole centre. */
export function BreaksPage() {
  const { t } = useTranslation(['queues', 'common']);
  const edit = useEdit();
  useWatch('breaks');
  const query = useQuery({ queryKey: ['breaks', 'list'], queryFn: ({ signal }) => call(api.GET('/api/breaks', { signal })) });
  const cap = useQuery({ queryKey: ['breaks', 'cap'], queryFn: ({ signal }) => call(api.GET('/api/breaks/cap', { signal })) });
  const mayWrite = useMayChangeBreaks();
  useShortcut(mayWrite ? { keys: 'n', label: t('break.new'), group: 'list', run: () => edit.open('new') } : null);
  const create = mayWrite ? (
    <Button leftSection={<IconPlus size={15} aria-hidden />} onClick={() => edit.open('new')}>
      {t('break.new')}
    </Button>
  ) : undefined;
  const one = query.data?.find((row) => row.id === edit.id);
  return (
    <Page title={t('break.title')} actions={create}>
      <p className={classes.hint}>{t('break.note')}</p>
      {cap.data !== undefined && (
        <p className={classes.hint}>
          {cap.data.most === null ? t('break.allNoCap') : t('break.allCap', { count: cap.data.most })}{' '}
          {mayWrite && (
            <button type="button" className={classes.rowButton} onClick={() => edit.open('cap')}>
              {t('break.allCapChange')}
            </button>
          )}
        </p>
      )}
      <Loaded query={query}>{(rows) => (rows.length === 0 ? <Empty title={t('break.none')} text={t('break.noneText')} action={create} /> : <BreakTable rows={rows} open={edit.open} />)}</Loaded>
      <Drawer opened={edit.id === 'new' || edit.id === 'cap' || one !== undefined} onClose={edit.close} title={edit.id === 'new' ? t('break.new') : edit.id === 'cap' ? t('break.allTitle') : t('break.one')} closeButtonProps={{ 'aria-label': t('common:close') }}>
        {edit.id === 'new' && <BreakForm one={null} close={edit.close} />}
        {edit.id === 'cap' && cap.data !== undefined && <BreakCapForm cap={cap.data} close={edit.close} />}
        {one !== undefined && <BreakForm key={one.id} one={one} close={edit.close} />}
      </Drawer>
    </Page>
  );
}

function BreakTable({ rows, open }: { readonly rows: readonly Break[]; readonly open: (id: string) => void }) {
  const { t } = useTranslation('queues');
  return (
    <div className={ui.scrollX}>
      <table className={ui.plainTable}>
        <thead>
          <tr>
            <th scope="col">{t('field.name')}</th>
            <th scope="col" className={ui.number}>
              {t('break.planned')}
            </th>
            <th scope="col" className={ui.number}>
              {t('break.cap')}
            </th>
            <th scope="col">{t('break.paid')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td>
                <button type="button" className={classes.rowButton} onClick={() => open(row.id)}>
                  {row.name}
                </button>
              </td>
              <td className={ui.number}>{t('break.minutes', { count: row.planned_minutes })}</td>
              <td className={ui.number}>{row.cap ?? '—'}</td>
              <td>{row.paid ? t('yes') : t('no')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
