import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useFormat } from '@/shared/i18n/format';
import { useNames, useOptions } from '@/shared/live/cards';
import { useCan } from '@/shared/session/session';
import { DataTable } from '@/shared/table/data-table';
import type { Column, Filter } from '@/shared/table/types';
import { State, type Tone } from '@/shared/ui/bits';
import { Page } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { Places } from './places';
import { FINDINGS, stateOf, type Finding, type RunState } from './recordings';
import classes from './recordings.module.css';

const ASK_MS = 2000; // while a run is under way

/** What the audit of recordings found: calls without audio, audio without a call. */
export function CheckPage() {
  const { t } = useTranslation(['recordings', 'common']);
  const can = useCan();
  const { state, since, storeAway, person, run } = useRun();
  const busy = state === 'waiting' || state === 'running';
  return (
    <Page
      title={t('title')}
      beside={<Places />}
      flush
      actions={
        can('interactions.write') ? (
          <Button leftSection={<IconRefresh size={15} aria-hidden />} loading={busy || run.isPending} onClick={() => run.mutate()}>
            {t('check.now')}
          </Button>
        ) : undefined
      }
    >
      <div className={classes.status}>
        <p role="status">{state !== null && <State tone={TONES[state]}>{t(`check.${state}`, { at: since, person })}</State>}</p>
        {storeAway && (
          <p>
            <State tone="warn">{t('check.storeAway')}</State>
          </p>
        )}
        <p>{t('check.note')}</p>
      </div>
      <DataTable<Finding>
        name="findings"
        caption={t('check.title')}
        columns={useColumns()}
        filters={useFilters()}
        rowId={(row) => row.id}
        load={(query, signal) => call(api.GET('/api/interactions/audit', { params: { query }, signal }))}
        exportPath="/api/interactions/audit/export"
        empty={{ title: t(state === 'never' ? 'check.never' : 'check.none', { at: '' }), text: t(state === 'never' ? 'check.neverText' : 'check.noneText') }}
        searchable={false}
      />
    </Page>
  );
}

const TONES: Readonly<Record<RunState, Tone>> = { never: 'plain', waiting: 'accent', running: 'accent', died: 'bad', done: 'good' };

function useRun() {
  const { t } = useTranslation('recordings');
  const client = useQueryClient();
  const format = useFormat();
  const name = useNames('employees');
  const query = useQuery({
    queryKey: ['audit-run'],
    queryFn: async ({ signal }) => {
      const last = await call(api.GET('/api/interactions/audit/run', { signal }));
      return { last, state: stateOf(last, Date.now()) };
    },
    refetchInterval: ({ state: { data } }) => (data?.state === 'waiting' || data?.state === 'running' ? ASK_MS : false),
  });
  const last = query.data?.last ?? null;
  const state = query.data?.state ?? null;
  const before = useRef(state);
  useEffect(() => {
    if (before.current !== null && before.current !== state && state === 'done') void client.invalidateQueries({ queryKey: ['findings'] });
    before.current = state;
  }, [state, client]);
  const run = useMutation({
    mutationFn: () => call(api.POST('/api/interactions/audit/run')),
    onError: (error) => void toast.error(errorText(error)),
    onSettled: () => void client.invalidateQueries({ queryKey: ['audit-run'] }),
  });
  return {
    run,
    state,
    since: last === null ? '' : format.dateTime(last.ended_at ?? last.began_at ?? last.asked_at),
    storeAway: last?.store_answered === false,
    person: last?.asked_by == null ? t('check.night') : name(last.asked_by) || t('check.somebody'),
  };
}

function useColumns(): Column<Finding>[] {
  const { t } = useTranslation('recordings');
  const format = useFormat();
  const project = useNames('projects');
  return [
    {
      id: 'kind',
      header: t('field.finding'),
      sort: 'kind',
      cell: (row) => (
        <span className={classes.what}>
          <State tone={row.kind === 'file_without_row' ? 'warn' : 'bad'}>{t(`finding.${row.kind}.name`)}</State>
          <span className={ui.faint}>{t(`finding.${row.kind}.todo`)}</span>
        </span>
      ),
    },
    { id: 'happened_at', header: t('field.when'), sort: 'happened_at', cell: (row) => (row.happened_at === null ? '—' : format.exact(row.happened_at)) },
    { id: 'project', header: t('field.project'), cell: (row) => project(row.project_id) || '—' },
    {
      id: 'contact',
      header: t('field.contact'),
      cell: (row) =>
        row.interaction_id === null ? (
          '—'
        ) : (
          <Link to="/contacts/$id" params={{ id: row.interaction_id }}>
            {t('check.toContact')}
          </Link>
        ),
    },
    { id: 'file', header: t('field.file'), cell: (row) => <span className={classes.file}>{row.file ?? row.recording_id ?? '—'}</span> },
    { id: 'found_at', header: t('field.found'), optional: true, cell: (row) => format.dateTime(row.found_at) },
  ];
}

function useFilters(): Filter[] {
  const { t } = useTranslation('recordings');
  const projects = useOptions('projects');
  return [
    { id: 'kind', label: t('field.finding'), options: FINDINGS.map((value) => ({ value, label: t(`finding.${value}.name`) })) },
    { id: 'project_id', label: t('field.project'), options: projects },
  ];
}
