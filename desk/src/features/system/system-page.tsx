import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Got } from '@/shared/api/types';
import { useFormat } from '@/shared/i18n/format';
import { State } from '@/shared/ui/bits';
import { Loaded } from '@/shared/ui/error-view';
import { Page, Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { Processes } from './processes';
import classes from './system.module.css';

export type System = Got<'/api/system'>;

const REFRESH_MS = 5000;
/** Below this share of free space recordings and the database are in danger. */
const DISK_WARNING = 0.1;
const OUTBOX_WARNING_SECONDS = 10;

export function SystemPage() {
  const { t } = useTranslation(['system', 'common']);
  const format = useFormat();
  const system = useQuery({
    queryKey: ['system'],
    queryFn: ({ signal }) => call(api.GET('/api/system', { signal })),
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
  return (
    <Page title={t('title')}>
      <Loaded query={system} lines={12}>
        {(data) => (
          <div className={classes.system}>
            <p className={ui.muted}>{t('started', { version: data.version, at: format.dateTime(data.started_at) })}</p>
            <Tiles data={data} />
            <Section title={t('processes')}>
              <Processes data={data.processes} />
            </Section>
            <Section title={t('consumers')} note={t('consumersNote')}>
              <Consumers data={data} />
            </Section>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

const TELEPHONY_TONES: Readonly<Record<System['telephony']['state'], TileProps['tone']>> = {
  off: 'plain',
  starting: 'warn',
  running: 'good',
  port_taken: 'bad',
  no_media: 'bad',
  failed: 'bad',
};

interface TileProps {
  readonly label: string;
  readonly value: string;
  readonly tone: 'good' | 'warn' | 'bad' | 'plain';
  readonly children: ReactNode;
}

function Tile({ label, value, tone, children }: TileProps) {
  return (
    <div className={classes.tile} data-tone={tone}>
      <dt className={classes.tileLabel}>{label}</dt>
      <dd>
        <span className={classes.tileValue}>{value}</span>
        <span className={classes.tileNote}>{children}</span>
      </dd>
    </div>
  );
}

function Tiles({ data }: { readonly data: System }) {
  const { t } = useTranslation(['system', 'common']);
  const format = useFormat();
  const { disk, outbox, jobs, database } = data;
  const free = disk.free_bytes / disk.total_bytes;
  const late = outbox.oldest_seconds !== null && outbox.oldest_seconds > OUTBOX_WARNING_SECONDS;
  return (
    <dl className={classes.tiles}>
      <Tile label={t('database')} value={format.bytes(database.size_bytes)} tone={database.clock_ok ? 'good' : 'bad'}>
        {t('postgres', { version: database.version.split(' ')[0] ?? '', revision: database.revision })}
        {!database.clock_ok && ` · ${t('clock', { seconds: format.number(database.clock_skew_seconds) })}`}
      </Tile>
      <Tile label={t('disk')} value={format.bytes(disk.free_bytes)} tone={free < DISK_WARNING ? 'bad' : 'good'}>
        {t('diskOf', { total: format.bytes(disk.total_bytes) })}
      </Tile>
      <Tile label={t('outbox')} value={format.number(outbox.pending)} tone={late ? 'warn' : 'good'}>
        {outbox.oldest_seconds === null ? t('outboxEmpty') : t('outboxOldest', { seconds: format.number(Math.round(outbox.oldest_seconds)) })}
      </Tile>
      <Tile label={t('jobs')} value={format.number(jobs.queued + jobs.running)} tone={jobs.failed > 0 ? 'warn' : 'good'}>
        {t('jobsFailed', { count: jobs.failed })}
      </Tile>
      <Tile label={t('telephony')} value={format.number(data.telephony.calls)} tone={TELEPHONY_TONES[data.telephony.state]}>
        {data.telephony.state === 'running' ? t('phones', { count: data.telephony.phones }) : t(`telephonyState.${data.telephony.state}`)}
        {data.telephony.banned > 0 && ` · ${t('banned', { count: data.telephony.banned })}`}
      </Tile>
      <Tile label={t('live')} value={format.number(data.live.connections)} tone="plain">
        {t('liveNote')}
      </Tile>
    </dl>
  );
}

function Consumers({ data }: { readonly data: System }) {
  const { t } = useTranslation(['system', 'common']);
  const format = useFormat();
  if (data.outbox.consumers.length === 0) return <p className={ui.muted}>{t('noConsumers')}</p>;
  return (
    <table className={ui.plainTable}>
      <thead>
        <tr>
          <th scope="col">{t('consumer')}</th>
          <th scope="col">{t('state')}</th>
          <th scope="col" className={ui.number}>
            {t('behind')}
          </th>
          <th scope="col" className={ui.number}>
            {t('parked')}
          </th>
        </tr>
      </thead>
      <tbody>
        {data.outbox.consumers.map((one) => (
          <tr key={one.name}>
            <td>{one.name}</td>
            <td>{one.parked > 0 ? <State tone="bad">{t('consumerParked')}</State> : one.behind > 0 ? <State tone="warn">{t('consumerBehind')}</State> : <State tone="good">{t('consumerDone')}</State>}</td>
            <td className={ui.number}>{format.number(one.behind)}</td>
            <td className={ui.number}>{format.number(one.parked)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
