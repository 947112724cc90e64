import { ActionIcon } from '@mantine/core';
import { IconEar, IconHandStop, IconMicrophoneOff } from '@tabler/icons-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './board.module.css';
import { contactOf, shownSince, shownState, type BoardContact, type BoardOperator } from './model';
import { nameOf } from './pick';
import { Since } from './since';

export interface RowActions {
  readonly open: (id: string) => void;
  /** null: this person may not. */
  readonly listen: ((interactionId: string) => void) | null;
}

interface OperatorRowProps {
  readonly operator: BoardOperator;
  readonly team: string;
  /** Names of their queues, and of the queue that the contact came by. */
  readonly queues: string;
  readonly contactQueue: string;
  readonly help: boolean;
  readonly actions: RowActions;
}

/** One of two hundred: drawn anew only when the operator changes; the time inside goes on by itself. */
export const OperatorRow = memo(function OperatorRow({ operator, team, queues, contactQueue, help, actions }: OperatorRowProps) {
  const { t } = useTranslation('board');
  const name = nameOf(operator);
  const held = contactOf(operator);
  return (
    <tr data-operator={operator.id}>
      <th scope="row">
        <button type="button" className={classes.rowButton} data-row onClick={() => actions.open(operator.id)}>
          {name}
        </button>
        {help && (
          <span className={classes.help}>
            <IconHandStop size={13} aria-hidden /> {t('help.asks')}
          </span>
        )}
      </th>
      <td>
        <OperatorState operator={operator} />
      </td>
      <td className={classes.time}>
        <Since at={shownSince(operator)} />
      </td>
      <td>{held === null ? <span className={classes.faint}>—</span> : <Held contact={held} queue={contactQueue} />}</td>
      <td className={classes.clip} title={queues}>
        {queues}
      </td>
      <td className={classes.clip}>{team}</td>
      <td>
        <Check passed={operator.check_passed} />
      </td>
      <td className={classes.actions}>
        {actions.listen !== null && held?.state === 'active' && held.interaction_id !== null && held.channel === 'voice' && (
          <ActionIcon variant="subtle" color="gray" aria-label={t('listenTo', { name })} onClick={() => actions.listen?.(held.interaction_id ?? '')}>
            <IconEar size={16} aria-hidden />
          </ActionIcon>
        )}
      </td>
    </tr>
  );
});

export function OperatorState({ operator }: { readonly operator: BoardOperator }) {
  const { t } = useTranslation('board');
  const shown = shownState(operator);
  return (
    <span className={classes.state} data-state={shown}>
      <span className={classes.stateDot} data-state={shown} aria-hidden />
      {t(`operatorState.${shown}`)}
      {shown === 'break' && operator.reason !== '' && <span className={classes.faint}>{operator.reason}</span>}
      {shown === 'paused' && <PauseCause cause={operator.reason} />}
      {shown !== 'off' && operator.off.length > 0 && <span className={classes.faint}>{t('without', { channels: operator.off.map((one) => t(`channel.${one}`)).join(', ') })}</span>}
    </span>
  );
}

function PauseCause({ cause }: { readonly cause: string }) {
  const { t } = useTranslation('board');
  const known = cause === 'not_answering' || cause === 'unreachable' || cause === 'busy';
  return <span className={classes.faint}>{known ? t(`pause.${cause}`) : cause}</span>;
}

function Held({ contact, queue }: { readonly contact: BoardContact; readonly queue: string }) {
  const { t } = useTranslation('board');
  if (contact.queue_id === null && contact.interaction_id === null) return <span className={classes.faint}>{t('otherProject')}</span>;
  return <span>{queue === '' ? t('direct') : queue}</span>;
}

function Check({ passed }: { readonly passed: boolean | null }) {
  const { t } = useTranslation('board');
  if (passed === null) return <span className={classes.faint}>{t('check.none')}</span>;
  if (passed) return <span>{t('check.passed')}</span>;
  return (
    <span className={classes.failed}>
      <IconMicrophoneOff size={14} aria-hidden /> {t('check.failed')}
    </span>
  );
}
