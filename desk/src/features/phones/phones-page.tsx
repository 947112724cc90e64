import { Button, Drawer, Modal } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useFormat } from '@/shared/i18n/format';
import { useOptions } from '@/shared/live/cards';
import { useCan } from '@/shared/session/session';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { DataTable } from '@/shared/table/data-table';
import type { Column } from '@/shared/table/types';
import { useEdit } from '@/shared/table/use-edit';
import { State } from '@/shared/ui/bits';
import { Loaded } from '@/shared/ui/error-view';
import { Page } from '@/shared/ui/page';
import { PhoneForm } from './phone-form';
import type { NewPhone, Phone } from './phones';
import { ProvisioningSheet } from './provisioning-sheet';

/** Desk phones: whose they are, and whether they can be called. */
export function PhonesPage() {
  const { t } = useTranslation(['phones', 'common']);
  const can = useCan();
  const edit = useEdit();
  const format = useFormat();
  const people = useOptions('employees');
  const [made, setMade] = useState<NewPhone | null>(null);
  const mayWrite = can('phones.write');
  useShortcut(mayWrite ? { keys: 'n', label: t('new'), group: 'list', run: () => edit.open('new') } : null);
  const create = mayWrite ? (
    <Button leftSection={<IconPlus size={15} aria-hidden />} onClick={() => edit.open('new')}>
      {t('new')}
    </Button>
  ) : undefined;
  const columns: Column<Phone>[] = [
    { id: 'label', header: t('field.label'), sort: 'label', cell: (row) => row.label },
    { id: 'person_name', header: t('field.person_id'), sort: 'person_name', cell: (row) => row.person_name },
    { id: 'state', header: t('field.state'), cell: (row) => <PhoneState phone={row} /> },
    { id: 'user', header: t('field.user'), sort: 'user', cell: (row) => row.user },
    { id: 'model', header: t('field.model'), cell: (row) => row.model },
    { id: 'registered_at', header: t('field.registeredAt'), sort: 'registered_at', cell: (row) => (row.registered_at === null ? '—' : format.dateTime(row.registered_at)) },
    { id: 'address', header: t('field.address'), optional: true, cell: (row) => row.address },
    { id: 'user_agent', header: t('field.agent'), optional: true, cell: (row) => row.user_agent },
  ];
  const title = edit.id === 'new' ? t('new') : t('one');
  const show = (fresh: NewPhone) => {
    edit.close();
    setMade(fresh);
  };
  return (
    <Page title={t('title')} actions={create} flush>
      <DataTable<Phone>
        name="phones"
        caption={t('title')}
        columns={columns}
        filters={[
          { id: 'person_id', label: t('field.person_id'), options: people },
          {
            id: 'disabled',
            label: t('field.state'),
            options: [
              { value: 'false', label: t('state.enabled') },
              { value: 'true', label: t('state.disabled') },
            ],
          },
        ]}
        rowId={(row) => row.id}
        onOpen={(row) => edit.open(row.id)}
        load={(query, signal) => call(api.GET('/api/phones', { params: { query }, signal }))}
        exportPath="/api/phones/export"
        empty={{ title: t('none'), text: t('noneText'), action: create }}
        dimmed={(row) => row.disabled_at !== null}
      />
      <Drawer opened={edit.id !== null} onClose={edit.close} title={title} closeButtonProps={{ 'aria-label': t('common:close') }}>
        {edit.id === 'new' && <PhoneForm phone={null} close={edit.close} onMade={show} />}
        {edit.id !== null && edit.id !== 'new' && <ExistingPhone key={edit.id} id={edit.id} close={edit.close} onMade={show} />}
      </Drawer>
      <Modal
        opened={made !== null}
        onClose={() => setMade(null)}
        title={t('sheet.title')}
        size="lg"
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': t('common:close') }}
      >
        {made !== null && <ProvisioningSheet made={made} close={() => setMade(null)} />}
      </Modal>
    </Page>
  );
}

export function PhoneState({ phone }: { readonly phone: Phone }) {
  const { t } = useTranslation('phones');
  if (phone.disabled_at !== null) return <State tone="plain">{t('state.disabled')}</State>;
  return phone.registered_until === null ? <State tone="warn">{t('state.away')}</State> : <State tone="good">{t('state.here')}</State>;
}

interface ExistingProps {
  readonly id: string;
  readonly close: () => void;
  readonly onMade: (made: NewPhone) => void;
}

function ExistingPhone({ id, close, onMade }: ExistingProps) {
  const query = useQuery({
    queryKey: ['phones', 'one', id],
    queryFn: ({ signal }) => call(api.GET('/api/phones/{phone_id}', { params: { path: { phone_id: id } }, signal })),
  });
  return <Loaded query={query}>{(phone) => <PhoneForm phone={phone} close={close} onMade={onMade} />}</Loaded>;
}
