import { Drawer, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Row } from '@/shared/api/types';
import { useFormat } from '@/shared/i18n/format';
import { DataTable } from '@/shared/table/data-table';
import type { Column, Filter } from '@/shared/table/types';
import { useTableSearch } from '@/shared/table/use-list';
import { State } from '@/shared/ui/bits';
import { Page } from '@/shared/ui/page';
import classes from './calls.module.css';
import { MessageText } from './message-text';

type Message = Row<'/api/sip/messages'>;

const MINUTE = 60_000;
const METHODS = ['REGISTER', 'OPTIONS', 'INVITE', 'SUBSCRIBE', 'NOTIFY', 'MESSAGE', 'PUBLISH', 'BYE', 'CANCEL', 'ACK', 'INFO', 'REFER', 'UPDATE', 'PRACK'] as const;
const CODES = ['1', '2', '3', '4', '401', '403', '404', '407', '408', '423', '480', '486', '5', '6'] as const;

/** SIP that belongs to no call, such as refused registrations and scanners; all of it when asked. */
export function MessagesPage() {
  const { t } = useTranslation(['calls', 'common']);
  const [open, setOpen] = useState<Message | null>(null);
  return (
    <Page title={t('messages.title')} flush beside={<span className={classes.beside}>{t('messages.note')}</span>}>
      <DataTable<Message>
        name="sip-messages"
        caption={t('messages.title')}
        columns={useColumns()}
        filters={useFilters()}
        moreFilters={<Fields />}
        rowId={(row) => String(row.id)}
        onOpen={setOpen}
        load={({ in_call, ...query }, signal) => call(api.GET('/api/sip/messages', { params: { query: { ...query, ...(in_call === 'all' ? {} : { in_call: in_call === 'true' }) } }, signal }))}
        exportPath="/api/sip/messages/export"
        empty={{ title: t('messages.none'), text: t('messages.noneText') }}
        searchable={false}
      />
      <Drawer opened={open !== null} onClose={() => setOpen(null)} size="xl" title={open?.first_line ?? ''} closeButtonProps={{ 'aria-label': t('common:close') }}>
        {open !== null && <MessageText message={open} />}
      </Drawer>
    </Page>
  );
}

/** Filters that are typed: an address and a number, whole. */
function Fields() {
  const { t } = useTranslation('calls');
  return (
    <>
      <Typed id="remote" label={t('messages.remote')} placeholder="192.0.2.7" />
      <Typed id="number" label={t('messages.number')} placeholder="+37322…" />
      <Typed id="call_id" label={t('messages.callId')} />
    </>
  );
}

function Typed({ id, label, placeholder }: { readonly id: string; readonly label: string; readonly placeholder?: string }) {
  const [search, patch] = useTableSearch();
  const current = String(search[id] ?? '');
  const [typed, setTyped] = useState<string | null>(null);
  const take = () => {
    if (typed !== null && typed.trim() !== current) patch({ [id]: typed.trim() });
    setTyped(null);
  };
  return (
    <TextInput
      aria-label={label}
      placeholder={placeholder === undefined ? label : `${label}, ${placeholder}`}
      w={170}
      autoComplete="off"
      spellCheck={false}
      maxLength={255}
      value={typed ?? current}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === 'Enter') take();
      }}
    />
  );
}

function useColumns(): Column<Message>[] {
  const { t } = useTranslation('calls');
  const format = useFormat();
  return [
    { id: 'at', header: t('messages.at'), sort: 'at', cell: (row) => <time dateTime={row.at}>{format.exact(row.at)}</time> },
    {
      id: 'first_line',
      header: t('messages.firstLine'),
      cell: (row) => <State tone={(row.status ?? 0) >= 400 ? 'bad' : row.status === null ? 'plain' : 'good'}>{row.first_line.replace(/^SIP\/2\.0 | SIP\/2\.0$/g, '')}</State>,
    },
    { id: 'method', header: t('messages.method'), cell: (row) => row.method || '—' },
    { id: 'direction', header: t('messages.direction'), cell: (row) => t(row.direction === 'in' ? 'messages.in' : 'messages.out') },
    { id: 'remote', header: t('messages.remote'), cell: (row) => row.remote },
    { id: 'transport', header: t('messages.transport'), cell: (row) => row.transport },
    { id: 'from', header: t('messages.from'), cell: (row) => row.from_user || '—' },
    { id: 'to', header: t('messages.to'), cell: (row) => row.to_user || '—' },
    { id: 'local', header: t('messages.local'), optional: true, cell: (row) => row.local },
    { id: 'call_id', header: t('messages.callId'), optional: true, cell: (row) => row.call_id },
    { id: 'size', header: t('messages.size'), optional: true, numeric: true, cell: (row) => format.number(row.size) },
  ];
}

function useFilters(): Filter[] {
  const { t } = useTranslation('calls');
  // Whole minutes, so that a filter does not change while somebody looks.
  const [minute] = useState(() => Math.floor(Date.now() / MINUTE) * MINUTE);
  const since = (minutes: number) => new Date(minute - minutes * MINUTE).toISOString();
  return [
    {
      id: 'in_call',
      label: t('messages.which'),
      standard: 'false',
      options: [
        { value: 'false', label: t('messages.ofNoCall') },
        { value: 'true', label: t('messages.ofCalls') },
        { value: 'all', label: t('messages.all') },
      ],
    },
    {
      id: 'since',
      label: t('field.period'),
      options: [
        { value: since(15), label: t('messages.quarter') },
        { value: since(60), label: t('messages.hour') },
        { value: since(24 * 60), label: t('period.day') },
        { value: since(7 * 24 * 60), label: t('period.week') },
      ],
    },
    { id: 'method', label: t('messages.method'), options: METHODS.map((value) => ({ value, label: value })) },
    { id: 'status', label: t('messages.status'), options: CODES.map((value) => ({ value, label: value.length === 1 ? `${value}xx` : value })) },
  ];
}
