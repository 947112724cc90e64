import { Drawer } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { useNames } from '@/shared/live/cards';
import { useCards } from '@/shared/live/live';
import { useCan } from '@/shared/session/session';
import { State } from '@/shared/ui/bits';
import ui from '@/shared/ui/ui.module.css';
import classes from './board.module.css';
import { CapacityForm } from './capacity';
import { CheckFacts } from './check-facts';
import { ForceState } from './force-state';
import { contactOf, shownSince, type BoardOperator, type BoardQueue } from './model';
import { MoveQueues } from './move-queues';
import { OperatorState } from './operator-row';
import { nameOf } from './pick';
import { Since, Until } from './since';
import { SuperviseButtons, type LiveContact } from './supervise';
import { WhyOperator } from './why-operator';

interface DrawerProps {
  readonly id: string | null;
  readonly operators: ReadonlyMap<string, BoardOperator>;
  readonly queues: ReadonlyMap<string, BoardQueue>;
  readonly contacts: readonly LiveContact[];
  readonly close: () => void;
}

/** One operator: what they do, why nothing comes to them, and what a supervisor can do about it. */
export function OperatorDrawer({ id, operators, queues, contacts, close }: DrawerProps) {
  const { t } = useTranslation(['board', 'common']);
  const card = useCards('employees').get(id ?? '');
  const operator = id === null ? undefined : operators.get(id);
  // Who signs out leaves the board; the drawer stays, so that they can be called back.
  const name = operator === undefined ? (card === undefined ? '' : nameOf(card)) : nameOf(operator);
  return (
    <Drawer opened={id !== null} onClose={close} title={name} size={520} closeButtonProps={{ 'aria-label': t('common:close') }}>
      {id !== null && <Contents key={id} id={id} name={name} operator={operator} queues={queues} contacts={contacts} />}
    </Drawer>
  );
}

interface ContentsProps extends Pick<DrawerProps, 'queues' | 'contacts'> {
  readonly id: string;
  readonly name: string;
  readonly operator: BoardOperator | undefined;
}

function Contents({ id, name, operator, queues, contacts }: ContentsProps) {
  const { t } = useTranslation('board');
  const can = useCan();
  const held = operator === undefined ? null : contactOf(operator);
  const help = contacts.find((one) => one.operator_id === id && one.help_asked);
  return (
    <>
      {operator === undefined ? <p className={ui.muted}>{t('operatorState.off')}</p> : <Facts operator={operator} queues={queues} />}
      {help !== undefined && (
        <Block title={t('help.asks')}>
          <p>{help.help_text === '' ? t('help.noText') : help.help_text}</p>
        </Block>
      )}
      {can('supervise') && held?.state === 'active' && held.channel === 'voice' && held.interaction_id !== null && (
        <Block title={t('supervise.title')}>
          <SuperviseButtons id={held.interaction_id} contacts={contacts} />
        </Block>
      )}
      <Block title={t('whyNot')}>
        <WhyOperator id={id} queues={queues} contacts={contacts} />
      </Block>
      {can('operators.control') && (
        <>
          <Block title={t('force.title')}>
            <ForceState operatorId={id} name={name} />
          </Block>
          <Block title={t('move.title')}>
            <MoveQueues operatorId={id} name={name} queues={queues} />
          </Block>
          <Block title={t('capacity.title')}>
            <CapacityForm operatorId={id} />
          </Block>
        </>
      )}
      {can('employees.read') && (
        <p className={classes.more}>
          <Link to="/employees/$id" params={{ id }}>
            {t('card')}
          </Link>
        </p>
      )}
    </>
  );
}

function Block({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={classes.block} aria-label={title}>
      <h3 className={classes.blockTitle}>{title}</h3>
      {children}
    </section>
  );
}

function Facts({ operator, queues }: { readonly operator: BoardOperator; readonly queues: ReadonlyMap<string, BoardQueue> }) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const project = useNames('projects');
  const held = contactOf(operator);
  const queue = queues.get(held?.queue_id ?? '');
  return (
    <dl className={ui.facts}>
      <dt>{t('column.state')}</dt>
      <dd>
        <OperatorState operator={operator} /> <Since at={shownSince(operator)} />
      </dd>
      {operator.state === 'break' && operator.until !== null && (
        <>
          <dt>{t('backAt')}</dt>
          <dd>
            {format.time(operator.until)} (<Until at={operator.until} />)
          </dd>
        </>
      )}
      {held !== null && (
        <>
          <dt>{t('column.contact')}</dt>
          <dd>{queue === undefined ? t('direct') : `${queue.name} · ${project(queue.project_id)}`}</dd>
        </>
      )}
      <dt>{t('device')}</dt>
      <dd>
        <State tone={operator.present ? 'good' : 'bad'}>{operator.present ? t('present') : t('notPresent')}</State>
      </dd>
      <dt>{t('column.check')}</dt>
      <dd>
        {operator.check_at === null ? t('check.none') : t(operator.check_passed === true ? 'check.passedAt' : 'check.failedAt', { at: format.dateTime(operator.check_at) })}
        {operator.check_at !== null && <CheckFacts id={operator.id} at={operator.check_at} />}
      </dd>
    </dl>
  );
}
