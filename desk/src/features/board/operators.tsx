import { Select, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { memo, useMemo, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { useNames, useOptions } from '@/shared/live/cards';
import { useCards } from '@/shared/live/live';
import { Empty } from '@/shared/ui/bits';
import classes from './board.module.css';
import { OPERATOR_STATES, contactOf, type BoardOperator, type BoardQueue, type Shown } from './model';
import { OperatorRow, type RowActions } from './operator-row';
import { countStates, pickOperators, type Pick } from './pick';

interface OperatorsProps {
  readonly operators: ReadonlyMap<string, BoardOperator>;
  readonly queues: ReadonlyMap<string, BoardQueue>;
  /** Who has raised a hand. */
  readonly help: ReadonlySet<string>;
  readonly pick: Pick;
  readonly change: (change: Partial<Pick>) => void;
  readonly actions: RowActions;
}

/** Everybody at work: state, since when, with whom. */
export const Operators = memo(function Operators({ operators, queues, help, pick, change, actions }: OperatorsProps) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const employees = useCards('employees');
  const team = useNames('teams');
  const teamOf = (id: string) => employees.get(id)?.team_id ?? null;
  const shown = pickOperators(operators.values(), pick, teamOf, format.compare);
  const queueName = (id: string | null | undefined) => (id == null ? '' : (queues.get(id)?.name ?? ''));
  return (
    <>
      <StateChips operators={operators} pick={pick} change={change} />
      <Filters queues={queues} pick={pick} change={change} />
      {/* Arrow keys move between the rows' buttons, which take the focus themselves. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div className={classes.scroll} onKeyDown={moveBetweenRows}>
        <table className={classes.operators} aria-label={t('operators')}>
          <thead>
            <tr>
              {(['operator', 'state', 'since', 'contact', 'queues', 'team', 'check'] as const).map((one) => (
                <th key={one} scope="col">
                  {t(`column.${one}`)}
                </th>
              ))}
              <th scope="col">
                <span className="visually-hidden">{t('column.actions')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => (
              <OperatorRow
                key={one.id}
                operator={one}
                team={team(teamOf(one.id))}
                queues={one.queues.map(queueName).filter((name) => name !== '').join(', ')}
                contactQueue={queueName(contactOf(one)?.queue_id)}
                help={help.has(one.id)}
                actions={actions}
              />
            ))}
          </tbody>
        </table>
        {shown.length === 0 && <Empty title={t('noOperator')} text={operators.size === 0 ? t('noOperatorText') : t('noOperatorFound')} />}
      </div>
    </>
  );
});

function moveBetweenRows(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || !(event.target instanceof HTMLElement) || event.target.closest('tr') === null) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')];
  const at = rows.findIndex((one) => one.closest('tr') === (event.target as HTMLElement).closest('tr'));
  const next = rows[at + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

/** How many are in each state; a click shows only those. */
function StateChips({ operators, pick, change }: ChipsProps) {
  const { t } = useTranslation('board');
  const counts = useMemo(() => countStates(operators.values()), [operators]);
  const atWork = operators.size - (counts.get('off') ?? 0);
  const states = OPERATOR_STATES.filter((one) => (counts.get(one) ?? 0) > 0 || one === pick.state);
  return (
    <div className={classes.chips} role="group" aria-label={t('byState')}>
      <Chip label={t('atWork')} count={atWork} state={null} on={pick.state === null} change={change} />
      {states.map((one) => (
        <Chip key={one} label={t(`operatorState.${one}`)} count={counts.get(one) ?? 0} state={one} on={pick.state === one} change={change} />
      ))}
    </div>
  );
}

interface ChipsProps extends PickProps {
  readonly operators: ReadonlyMap<string, BoardOperator>;
}

interface PickProps {
  readonly pick: Pick;
  readonly change: (change: Partial<Pick>) => void;
}

interface ChipProps {
  readonly label: string;
  readonly count: number;
  readonly state: Shown | null;
  readonly on: boolean;
  readonly change: (change: Partial<Pick>) => void;
}

function Chip({ label, count, state, on, change }: ChipProps) {
  return (
    <button type="button" className={classes.chip} aria-pressed={on} onClick={() => change({ state: on ? null : state })}>
      {state !== null && <span className={classes.stateDot} data-state={state} aria-hidden />}
      {label} <strong>{count}</strong>
    </button>
  );
}

function Filters({ queues, pick, change }: PickProps & { readonly queues: ReadonlyMap<string, BoardQueue> }) {
  const { t } = useTranslation(['board', 'common']);
  const format = useFormat();
  const teams = useOptions('teams');
  const names = [...queues.values()].map((one) => ({ value: one.id, label: one.name })).sort((a, b) => format.compare(a.label, b.label));
  const clear = (name: string) => ({ 'aria-label': t('common:table.clear', { name }) });
  return (
    <div className={classes.filters}>
      <TextInput
        type="search"
        w={220}
        aria-label={t('search')}
        placeholder={t('search')}
        leftSection={<IconSearch size={15} aria-hidden />}
        value={pick.q}
        onChange={(event) => change({ q: event.currentTarget.value })}
      />
      <Select w={190} aria-label={t('column.queue')} placeholder={t('allQueues')} data={names} value={pick.queue} clearable searchable clearButtonProps={clear(t('column.queue'))} onChange={(queue) => change({ queue })} />
      <Select w={170} aria-label={t('column.team')} placeholder={t('allTeams')} data={teams} value={pick.team} clearable searchable clearButtonProps={clear(t('column.team'))} onChange={(team) => change({ team })} />
      <Select
        w={190}
        aria-label={t('sort.label')}
        data={(['state', 'longest', 'name'] as const).map((value) => ({ value, label: t(`sort.${value}`) }))}
        value={pick.sort}
        allowDeselect={false}
        onChange={(sort) => sort !== null && change({ sort: sort })}
      />
    </div>
  );
}
