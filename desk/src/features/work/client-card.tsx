import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Row } from '@/shared/api/types';
import { useFormat } from '@/shared/i18n/format';
import { useCan } from '@/shared/session/session';
import { Tag, type Tone } from '@/shared/ui/bits';
import { Loaded } from '@/shared/ui/error-view';
import { ClientForm, type Customer } from './client-form';
import type { WorkContact } from './document';
import classes from './work.module.css';

interface CardProps {
  readonly interaction: string;
  readonly contact: WorkContact | null;
}

/** Who the client is, as far as known, and what was before. */
export function ClientCard({ interaction, contact }: CardProps) {
  const { t } = useTranslation('work');
  const can = useCan();
  const client = useQueryClient();
  const details = useQuery({ queryKey: ['interactions', interaction, 'work'], queryFn: ({ signal }) => call(api.GET('/api/interactions/{interaction_id}', { params: { path: { interaction_id: interaction } }, signal })) });
  const customer = contact?.customer_id ?? details.data?.customer_id ?? null;
  const [creating, setCreating] = useState(false);
  const fresh = () => {
    setCreating(false);
    void client.invalidateQueries({ queryKey: ['interactions', interaction] });
    void client.invalidateQueries({ queryKey: ['customers'] });
  };
  return (
    <aside className={classes.client} aria-label={t('client.label')}>
      {customer !== null && <Known id={customer} interaction={interaction} />}
      {customer === null && !creating && (
        <div>
          <h2 className={classes.clientName}>{t('client.unknown')}</h2>
          <p className={classes.hint}>{t('client.unknownHint')}</p>
          {can('customers.write') && details.data !== undefined && (
            <Button size="xs" variant="default" onClick={() => setCreating(true)}>
              {t('client.create')}
            </Button>
          )}
        </div>
      )}
      {customer === null && creating && details.data !== undefined && <ClientForm interaction={details.data} customer={null} done={fresh} cancel={() => setCreating(false)} />}
    </aside>
  );
}

const MARKS: Readonly<Record<Customer['mark'], Tone>> = { none: 'plain', vip: 'accent', careful: 'warn', blocked: 'bad' };

function Known({ id, interaction }: { readonly id: string; readonly interaction: string }) {
  const { t } = useTranslation(['work', 'common']);
  const format = useFormat();
  const can = useCan();
  const [editing, setEditing] = useState(false);
  const query = useQuery({ queryKey: ['customers', id], queryFn: ({ signal }) => call(api.GET('/api/customers/{customer_id}', { params: { path: { customer_id: id } }, signal })), enabled: can('customers.read') });
  return (
    <Loaded query={query} lines={5}>
      {(one) =>
        editing ? (
          <ClientForm customer={one} interaction={null} done={() => setEditing(false)} cancel={() => setEditing(false)} />
        ) : (
          <>
            <div className={classes.clientHead}>
              <h2 className={classes.clientName}>{one.name}</h2>
              {one.mark !== 'none' && <Tag tone={MARKS[one.mark]}>{t(`mark.${one.mark}`)}</Tag>}
              {can('customers.write') && (
                <Tooltip label={t('client.edit')}>
                  <ActionIcon variant="subtle" color="gray" aria-label={t('client.edit')} onClick={() => setEditing(true)}>
                    <IconPencil size={15} aria-hidden />
                  </ActionIcon>
                </Tooltip>
              )}
            </div>
            <ul className={classes.phones}>
              {one.phones.map((phone) => (
                <li key={phone.id}>
                  {phone.number.masked} {phone.label !== '' && <span className={classes.hint}>{phone.label}</span>}
                </li>
              ))}
            </ul>
            {one.language !== null && <p className={classes.hint}>{format.language(one.language)}</p>}
            {one.note !== '' && <p className={classes.clientNote}>{one.note}</p>}
            <History customer={id} except={interaction} />
          </>
        )
      }
    </Loaded>
  );
}

type Past = Row<'/api/interactions'>;
const FEW = 20; // contacts; the rest is found on the page of contacts

function History({ customer, except }: { readonly customer: string; readonly except: string }) {
  const { t } = useTranslation('work');
  const query = useQuery({
    queryKey: ['interactions', 'of', customer],
    queryFn: ({ signal }) => call(api.GET('/api/interactions', { params: { query: { customer_id: customer, page_size: FEW, sort: '-came_at' } }, signal })),
  });
  return (
    <section aria-label={t('history.label')}>
      <h3 className={classes.listTitle}>{t('history.label')}</h3>
      <Loaded query={query} lines={4}>
        {(page) => {
          const rows = page.items.filter((one) => one.id !== except);
          return rows.length === 0 ? <p className={classes.nothing}>{t('history.none')}</p> : <ol className={classes.history}>{rows.map((one) => <PastRow key={one.id} row={one} />)}</ol>;
        }}
      </Loaded>
    </section>
  );
}

function PastRow({ row }: { readonly row: Past }) {
  const { t } = useTranslation('work');
  const format = useFormat();
  return (
    <li>
      <span className={classes.pastHead}>
        <time dateTime={row.came_at}>{format.dateTime(row.came_at)}</time>
        <span>{t(`direction.${row.direction}`)}</span>
        {row.result !== null && <span>{t(`result.${row.result}`)}</span>}
      </span>
      {row.note !== '' && <p className={classes.pastNote}>{row.note}</p>}
    </li>
  );
}
