import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Row } from '@/shared/api/types';
import { useFormat } from '@/shared/i18n/format';
import { useProject } from '@/shared/session/session';
import { Tag } from '@/shared/ui/bits';
import { Loaded } from '@/shared/ui/error-view';
import ui from '@/shared/ui/ui.module.css';
import classes from './board.module.css';

type Sent = Row<'/api/notices/sent'>;

const SHOWN = 20; // the newest
const EVERY_MS = 5000;

/** What was sent lately, and who has closed it. */
export function SentNotices() {
  const { t } = useTranslation('board');
  const project = useProject();
  const query = useQuery({
    queryKey: ['notices', 'sent', project],
    queryFn: ({ signal }) => call(api.GET('/api/notices/sent', { params: { query: { page_size: SHOWN, sort: '-at' } }, signal })),
    refetchInterval: EVERY_MS,
  });
  return (
    <section className={classes.block} aria-label={t('sentNotices.title')}>
      <h3 className={classes.blockTitle}>{t('sentNotices.title')}</h3>
      <Loaded query={query} lines={3}>
        {(page) => {
          const own = page.items.filter((one) => one.kind === 'broadcast');
          if (own.length === 0) return <p className={ui.faint}>{t('sentNotices.none')}</p>;
          return (
            <ul className={classes.waiting}>
              {own.map((one) => (
                <Notice key={one.id} one={one} />
              ))}
            </ul>
          );
        }}
      </Loaded>
    </section>
  );
}

function Notice({ one }: { readonly one: Sent }) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const [open, setOpen] = useState(false);
  return (
    <li className={classes.entry}>
      <p>{one.text}</p>
      <div className={classes.entryHead}>
        <span className={classes.faint}>{format.dateTime(one.at)}</span>
        {one.urgent && <Tag tone="warn">{t('sentNotices.urgent')}</Tag>}
        {one.queue_name !== null && <Tag>{one.queue_name}</Tag>}
        <Button variant="subtle" size="compact-sm" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t('sentNotices.read', { read: one.read, readers: one.readers })}
        </Button>
      </div>
      {open && <Readers id={one.id} />}
    </li>
  );
}

function Readers({ id }: { readonly id: string }) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const query = useQuery({
    queryKey: ['notices', 'readers', id],
    queryFn: ({ signal }) => call(api.GET('/api/notices/{notice_id}/readers', { params: { path: { notice_id: id } }, signal })),
  });
  return (
    <Loaded query={query} lines={2}>
      {(people) => (
        <ul className={classes.readers}>
          {people.map((one) => (
            <li key={one.person_id}>
              {one.given_name} {one.family_name}
              <span className={classes.faint}>{one.read_at === null ? t('sentNotices.unread') : format.time(one.read_at)}</span>
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  );
}
