import { Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useFormat } from '@/shared/i18n/format';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { Tag } from '@/shared/ui/bits';
import { clock } from '@/shared/ui/elapsed';
import { ErrorView } from '@/shared/ui/error-view';
import { CardPanel } from './card-panel';
import { nameOf, numberOf, type WorkContact } from './document';
import { useState } from 'react';
import type { Model } from './machine';
import { NotePanel } from './note-panel';
import { PromisePanel } from './promise-panel';
import { Script } from './script';
import classes from './work.module.css';

interface PanelProps {
  readonly id: string;
  /** null once it has left the desk; the note can still be finished. */
  readonly contact: WorkContact | null;
  readonly model: Model;
}

const TABS = ['script', 'promise', 'card'] as const;
type Tab = (typeof TABS)[number];

/** The contact: who and why, what to say, and what to write down, which is always in reach. */
export function ContactPanel({ id, contact, model }: PanelProps) {
  const { t } = useTranslation('work');
  const [tab, setTab] = useState<Tab>('script');
  const query = useQuery({ queryKey: ['interactions', id, 'work'], queryFn: ({ signal }) => call(api.GET('/api/interactions/{interaction_id}', { params: { path: { interaction_id: id } }, signal })) });
  const project = contact?.project_id ?? query.data?.project_id;
  const queue = contact === null ? query.data?.queue_id : contact.queue_id;
  useShortcut({ keys: 'alt+1', label: t('tab.script'), group: 'general', run: () => setTab('script') });
  useShortcut({ keys: 'alt+2', label: t('tab.promise'), group: 'general', palette: true, run: () => setTab('promise') });
  useShortcut({ keys: 'alt+3', label: t('tab.card'), group: 'general', run: () => setTab('card') });
  if (contact === null && query.error !== null) return <ErrorView error={query.error} retry={() => void query.refetch()} />;
  return (
    <section className={classes.contact} aria-label={t('contact.label')}>
      {contact !== null && <Head contact={contact} />}
      {contact === null && query.data !== undefined && <p className={classes.over}>{t('contact.over')}</p>}
      {contact !== null && contact.note !== '' && (
        <p className={classes.handed}>
          <strong>{t('contact.handedBy', { name: contact.transferred_by })}</strong> {contact.note}
        </p>
      )}
      <Tabs value={tab} onChange={(value) => setTab((value ?? 'script') as Tab)} className={classes.tabs} classNames={{ list: classes.tabList, tab: classes.tabButton }} keepMounted={false}>
        <Tabs.List>
          {TABS.map((one, index) => (
            <Tabs.Tab key={one} value={one} aria-keyshortcuts={`Alt+${index + 1}`}>
              {t(`tab.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="script" className={classes.tab}>
          {project !== undefined && <Script project={project} queue={queue ?? null} language={contact?.language ?? query.data?.language ?? null} />}
        </Tabs.Panel>
        <Tabs.Panel value="promise" className={classes.tab}>
          <PromisePanel interaction={id} done={() => setTab('script')} />
        </Tabs.Panel>
        <Tabs.Panel value="card" className={classes.tab}>
          <CardPanel contact={contact} model={model} />
        </Tabs.Panel>
      </Tabs>
      {project !== undefined && <NotePanel id={id} project={project} mine={contact !== null && contact.phase !== 'offered'} />}
    </section>
  );
}

function Head({ contact }: { readonly contact: WorkContact }) {
  const { t } = useTranslation('work');
  const format = useFormat();
  const time = Date.parse(contact.answered_at ?? contact.since) - Date.parse(contact.queued_at ?? contact.came_at);
  // Who is handed over has waited before a colleague, not here.
  const waited = contact.direction === 'out' ? t('contact.outgoing') : contact.transferred_by === '' ? t('offer.waited', { time: clock(time) }) : '';
  return (
    <header className={classes.head}>
      <h2 className={classes.headName}>{nameOf(contact) || numberOf(contact) || t('unknown')}</h2>
      {nameOf(contact) !== '' && <span className={classes.headNumber}>{numberOf(contact)}</span>}
      <span className={classes.headTags}>
        <Tag tone="accent">{contact.project}</Tag>
        {contact.queue !== '' && <Tag>{contact.queue}</Tag>}
        {contact.language !== null && <Tag>{format.language(contact.language)}</Tag>}
        {contact.callback && <Tag tone="warn">{t('offer.callback')}</Tag>}
      </span>
      <span className={classes.headFacts}>
        {[waited, contact.menu_path.join(' › ')].filter((one) => one !== '').join(' · ')}
      </span>
    </header>
  );
}
