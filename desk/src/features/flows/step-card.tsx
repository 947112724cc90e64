import { Handle, Position, type Node, type NodeProps } from '@xyflow/react';
import { IconAlertTriangle, IconFlag3 } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useEditor } from './editor-context';
import type { Step } from './flow';
import { targetOf } from './graph';
import { drawnExits } from './exits';
import { kindOf } from './kinds';
import classes from './flows.module.css';

export type StepNode = Node<{ readonly step: Step }, 'step'>;

/** A step on the plane: what it is, what it does, and its exits with the knobs from which links are drawn. */
export function StepCard({ data: { step }, selected }: NodeProps<StepNode>) {
  const { t } = useTranslation('flows');
  const { flow, words, findings, trail, readOnly } = useEditor();
  const kind = kindOf(step.kind);
  const mine = findings.filter((one) => one.node_id === step.id);
  const worst = mine.some((one) => one.severity === 'error') ? 'error' : mine.length > 0 ? 'warning' : undefined;
  return (
    <div
      className={classes.card}
      data-group={kind.group}
      data-selected={selected}
      data-trail={trail.current === step.id ? 'current' : trail.steps.has(step.id) ? 'passed' : undefined}
    >
      <Handle type="target" position={Position.Left} className={classes.entry ?? ''} isConnectable={!readOnly} />
      <div className={classes.cardHead}>
        <span className={classes.cardIcon}>
          <kind.icon size={15} aria-hidden />
        </span>
        <span className={classes.cardTitle}>{words.title(step)}</span>
        {flow.start === step.id && <IconFlag3 size={14} aria-label={t('editor.start')} className={classes.cardStart} />}
        {worst !== undefined && <IconAlertTriangle size={14} aria-label={t('check.count', { count: mine.length })} data-severity={worst} className={classes.cardFinding} />}
      </div>
      <p className={classes.cardText}>{words.summary(step)}</p>
      {drawnExits(flow, step, selected).map((exit) => (
        <div key={exit} className={classes.exit} data-open={targetOf(flow, step.id, exit) === null}>
          <span className={classes.exitName}>{words.exit(step, exit)}</span>
          <Handle type="source" id={exit} position={Position.Right} className={classes.knob ?? ''} isConnectable={!readOnly} />
        </div>
      ))}
    </div>
  );
}
