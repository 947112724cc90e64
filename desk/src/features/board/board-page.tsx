import { Button, Select } from '@mantine/core';
import { IconDeviceTv, IconSpeakerphone } from '@tabler/icons-react';
import { useCallback, useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { useNames } from '@/shared/live/cards';
import { useWatch } from '@/shared/live/live';
import { useCan, useProject } from '@/shared/session/session';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { useTableSearch } from '@/shared/table/use-list';
import { Empty, Skeleton } from '@/shared/ui/bits';
import { Page, Section } from '@/shared/ui/page';
import { AlertList, SoundSwitch, useAlarm } from './alert-list';
import { alertsOf } from './alerts';
import { useSeconds } from './clock';
import type { Board } from './feed';
import { Day } from './day';
import { Gap } from './gap';
import type { BoardQueue } from './model';
import { NoticeDialog } from './notice-dialog';
import { OperatorDrawer } from './operator-drawer';
import { Operators } from './operators';
import { isShown, type Pick } from './pick';
import { QueueTable } from './queue-table';
import { useLiveContacts, useSupervise } from './supervise';
import { TotalFigures } from './totals';
import { byTrouble } from './trouble';
import { useBoard } from './use-board';
import { ALL, WaitingDrawer } from './waiting-drawer';

/** The whole centre now: trouble first, each number leads to its rows. */
export function BoardPage() {
  const { t } = useTranslation('board');
  const project = useProject();
  const can = useCan();
  const { board, link, retry } = useBoard(project);
  const [notice, setNotice] = useState(false);
  const mayControl = can('operators.control');
  const openWallboard = () => void window.open('/wallboard', 'centrala-wallboard');
  useShortcut(mayControl ? { keys: 'n', label: t('notice.new'), group: 'list', palette: true, run: () => setNotice(true) } : null);
  useShortcut({ keys: 'w', label: t('wallboard'), group: 'list', palette: true, run: openWallboard });
  const actions = (
    <>
      <SoundSwitch />
      <Button variant="default" leftSection={<IconDeviceTv size={15} aria-hidden />} onClick={openWallboard}>
        {t('wallboard')}
      </Button>
      {mayControl && (
        <Button variant="default" leftSection={<IconSpeakerphone size={15} aria-hidden />} onClick={() => setNotice(true)}>
          {t('notice.new')}
        </Button>
      )}
    </>
  );
  return (
    <Page title={t('title')} actions={actions}>
      <Gap link={link} retry={retry} />
      {board === null ? <Skeleton lines={12} /> : <Contents board={board} scope={project ?? 'all'} />}
      {board !== null && <NoticeDialog opened={notice} close={() => setNotice(false)} queues={board.queues} />}
    </Page>
  );
}

interface ContentsProps {
  readonly board: Board;
  /** Whose day the chart shows. */
  readonly scope: string;
}

function Contents({ board, scope }: ContentsProps) {
  const { t } = useTranslation('board');
  const [search, patch] = useTableSearch();
  const contacts = useLiveContacts();
  useWatch('breaks');
  const project = typeof search.project === 'string' ? search.project : null;
  const queues = useMemo(() => new Map([...board.queues].filter(([, one]) => project === null || one.project_id === project)), [board.queues, project]);
  const operators = useMemo(() => narrow(board.operators, queues, project), [board.operators, queues, project]);
  const alerts = useMemo(() => alertsOf(board.queues.values()), [board.queues]);
  useAlarm(alerts);
  const help = useMemo(() => new Set(contacts.flatMap((one) => (one.help_asked && one.operator_id !== null ? [one.operator_id] : []))), [contacts]);
  const openWaiting = useCallback((id: string) => patch({ waiting: id }), [patch]);
  const showOperators = useCallback((queue: string, state: string) => patch({ queue, state }), [patch]);
  const [pick, change] = usePick();
  const actions = useRowActions();
  if (board.queues.size === 0) return <Empty title={t('noQueue')} text={t('noQueueText')} />;
  return (
    <>
      <AlertList alerts={alerts} open={openWaiting} />
      <Queues
        queues={queues}
        scope={`${scope}.${project ?? 'all'}`}
        filter={<ProjectFilter board={board} value={project} choose={(id) => patch({ project: id, queue: null })} />}
        openWaiting={openWaiting}
        showOperators={showOperators}
      />
      <Section title={t('operators')}>
        <Operators operators={operators} queues={queues} help={help} pick={pick} change={change} actions={actions} />
      </Section>
      <WaitingDrawer queueId={typeof search.waiting === 'string' ? search.waiting : null} queues={board.queues} contacts={contacts} close={() => patch({ waiting: null })} />
      <OperatorDrawer id={typeof search.operator === 'string' ? search.operator : null} operators={board.operators} queues={board.queues} contacts={contacts} close={() => patch({ operator: null })} />
    </>
  );
}

interface QueuesProps {
  readonly queues: ReadonlyMap<string, BoardQueue>;
  readonly scope: string;
  readonly filter: ReactNode;
  readonly openWaiting: (queueId: string) => void;
  readonly showOperators: (queueId: string, state: string) => void;
}

/** What goes on by the second stands apart from the two hundred operators, who do not. */
function Queues({ queues, scope, filter, openWaiting, showOperators }: QueuesProps) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const now = useSeconds();
  const sorted = byTrouble(queues.values(), now, format.compare);
  return (
    <>
      <TotalFigures queues={sorted} openWaiting={() => openWaiting(ALL)} />
      <Section title={t('queues')} actions={filter}>
        <QueueTable queues={sorted} openWaiting={openWaiting} showOperators={showOperators} />
        <Day scope={scope} queues={sorted} />
      </Section>
    </>
  );
}

/** With one project chosen: those who serve a queue of it. */
function narrow(operators: Board['operators'], queues: ReadonlyMap<string, BoardQueue>, project: string | null): Board['operators'] {
  return project === null ? operators : new Map([...operators].filter(([, one]) => one.queues.some((id) => queues.has(id))));
}

function usePick(): readonly [Pick, (change: Partial<Pick>) => void] {
  const [search, patch] = useTableSearch();
  const text = (name: string) => (typeof search[name] === 'string' ? search[name] : null);
  const sort = search.sort === 'name' || search.sort === 'longest' ? search.sort : 'state';
  const [q, queue, team, state] = [search.q ?? '', text('queue'), text('team'), isShown(search.state) ? search.state : null];
  const pick = useMemo<Pick>(() => ({ q, queue, team, state, sort }), [q, queue, team, state, sort]);
  const change = useCallback((change: Partial<Pick>) => patch({ ...change, ...(change.sort === 'state' ? { sort: null } : {}) }, true), [patch]);
  return [pick, change];
}

function useRowActions() {
  const [, patch] = useTableSearch();
  const can = useCan();
  const { mutate } = useSupervise();
  const may = can('supervise');
  return useMemo(
    () => ({ open: (id: string) => patch({ operator: id }), listen: may ? (id: string) => mutate({ id, verb: 'listen' }) : null }),
    [patch, may, mutate],
  );
}

function ProjectFilter({ board, value, choose }: { readonly board: Board; readonly value: string | null; readonly choose: (id: string | null) => void }) {
  const { t } = useTranslation(['board', 'common']);
  const format = useFormat();
  const name = useNames('projects');
  const ids = new Set([...board.queues.values()].map((one) => one.project_id));
  if (ids.size < 2) return null;
  const options = [...ids].map((id) => ({ value: id, label: name(id) || '…' })).sort((a, b) => format.compare(a.label, b.label));
  return (
    <Select
      w={220}
      aria-label={t('project')}
      placeholder={t('allProjects')}
      data={options}
      value={value}
      clearable
      clearButtonProps={{ 'aria-label': t('common:table.clear', { name: t('project') }) }}
      onChange={choose}
    />
  );
}
