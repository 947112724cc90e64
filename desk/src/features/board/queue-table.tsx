import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { useNames } from '@/shared/live/cards';
import { Tag } from '@/shared/ui/bits';
import classes from './board.module.css';
import { clockText, useSeconds } from './clock';
import type { BoardQueue, Measure } from './model';
import { Since } from './since';
import { LEVEL_TONES, levelOf, levelOfQueue } from './trouble';
import { percent } from './words';

interface QueueTableProps {
  readonly queues: readonly BoardQueue[];
  readonly openWaiting: (queueId: string) => void;
  /** From a figure to its people: the operators of this queue in this state. */
  readonly showOperators: (queueId: string, state: string) => void;
}

/** The queues, worst first: each figure leads to its rows. */
export function QueueTable({ queues, openWaiting, showOperators }: QueueTableProps) {
  const { t } = useTranslation('board');
  const project = useNames('projects');
  const columns = ['waiting', 'longest_wait', 'expected', 'service_level', 'answered', 'abandoned'] as const;
  return (
    <div className={classes.scroll}>
      <table className={classes.queues} aria-label={t('queues')}>
        <thead>
          <tr>
            <th scope="col">{t('column.queue')}</th>
            <th scope="col">{t('column.state')}</th>
            {columns.map((one) => (
              <th key={one} scope="col" className={classes.numeric}>
                {t(`column.${one}`)}
              </th>
            ))}
            <th scope="col">{t('column.operators')}</th>
          </tr>
        </thead>
        <tbody>
          {queues.map((queue) => (
            <QueueRow key={queue.id} queue={queue} project={project(queue.project_id)} openWaiting={openWaiting} showOperators={showOperators} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface QueueRowProps extends Omit<QueueTableProps, 'queues'> {
  readonly queue: BoardQueue;
  readonly project: string;
}

const QueueRow = memo(function QueueRow({ queue, project, openWaiting, showOperators }: QueueRowProps) {
  const { t } = useTranslation('board');
  const format = useFormat();
  return (
    <tr data-queue={queue.id}>
      <th scope="row">
        <span className={classes.queueName}>{queue.name}</span>
        <span className={classes.queueProject}>{project}</span>
      </th>
      <td>
        <QueueState queue={queue} />
      </td>
      <Figure queue={queue} measure="waiting">
        <button type="button" className={classes.figureButton} aria-label={t('openWaiting', { count: queue.waiting, queue: queue.name })} onClick={() => openWaiting(queue.id)}>
          {format.number(queue.waiting)}
        </button>
      </Figure>
      <Figure queue={queue} measure="longest_wait">
        <Since at={queue.longest_since} />
      </Figure>
      <td className={classes.small}>{queue.expected_wait === null ? '—' : clockText(queue.expected_wait)}</td>
      <Figure queue={queue} measure="service_level">
        {percent(queue.service_level, format)}
      </Figure>
      <td className={classes.small}>
        {format.number(queue.answered)}
        <span className={classes.of}>{t('ofOffered', { count: queue.offered })}</span>
      </td>
      <Figure queue={queue} measure="abandoned">
        {format.number(queue.abandoned)}
      </Figure>
      <td>
        <Staff queue={queue} showOperators={showOperators} />
      </td>
    </tr>
  );
});

/** Colour never stands alone: a crossed figure carries the mark that its queue's words explain. */
function Figure({ queue, measure, children }: { readonly queue: BoardQueue; readonly measure: Measure; readonly children: React.ReactNode }) {
  const { t } = useTranslation('board');
  const level = levelOf(queue, measure, useSeconds());
  return (
    <td className={classes.figure} data-level={level}>
      {level === 'bad' && (
        <span className={classes.mark} title={t('crossed')}>
          <span aria-hidden>▲</span>
          <span className="visually-hidden">{t('crossed')} </span>
        </span>
      )}
      {children}
    </td>
  );
}

function QueueState({ queue }: { readonly queue: BoardQueue }) {
  const { t } = useTranslation('board');
  const level = levelOfQueue(queue, useSeconds());
  const words = queue.alerts.map((one) => t(`trouble.${one.measure}`));
  return (
    <span className={classes.states}>
      {words.map((word) => (
        <Tag key={word} tone="bad">
          {word}
        </Tag>
      ))}
      {words.length === 0 && <Tag tone={LEVEL_TONES[level]}>{t(`level.${level}`)}</Tag>}
      {level !== 'closed' && !queue.open && <Tag>{t('level.closed')}</Tag>}
    </span>
  );
}

const STAFF = ['ready', 'ringing', 'talking', 'wrap_up', 'break', 'paused'] as const;

function Staff({ queue, showOperators }: Pick<QueueRowProps, 'queue' | 'showOperators'>) {
  const { t } = useTranslation('board');
  const figures = { ready: queue.ready, ringing: queue.ringing, talking: queue.talking, wrap_up: queue.wrap_up, break: queue.on_break, paused: queue.paused };
  const shown = STAFF.filter((one) => one === 'ready' || figures[one] > 0);
  return (
    <span className={classes.staff}>
      {shown.map((one) => (
        <button key={one} type="button" className={classes.staffButton} data-state={one} onClick={() => showOperators(queue.id, one)}>
          <span className={classes.stateDot} data-state={one} aria-hidden />
          {t(`staff.${one}`, { count: figures[one] })}
        </button>
      ))}
    </span>
  );
}
