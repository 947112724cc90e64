import { IconFlag3 } from '@tabler/icons-react';
import type { KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Tag } from '@/shared/ui/bits';
import { useEditor } from './editor-context';
import type { Step } from './flow';
import { stepOf, targetOf, walk } from './graph';
import { drawnExits, exitsOf, insteadOf } from './exits';
import { kindOf } from './kinds';
import classes from './flows.module.css';

/** The same flow as a list, in the order in which a call meets the steps: for the keyboard and for screen readers. */
export function Outline() {
  const { t } = useTranslation('flows');
  const { flow } = useEditor();
  const steps = walk(flow, exitsOf);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-step]')];
    const row = document.activeElement?.closest('li[data-row]')?.querySelector<HTMLElement>('[data-step]');
    const index = row == null ? -1 : rows.indexOf(row);
    event.preventDefault();
    rows[Math.min(rows.length - 1, Math.max(0, index + by))]?.focus();
  };
  return (
    // The arrow keys move between the steps' buttons, which take the focus themselves.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <ol className={classes.outline} aria-label={t('editor.list')} onKeyDown={onKeyDown}>
      {steps.map((step) => (
        <Row key={step.id} step={step} />
      ))}
    </ol>
  );
}

function Row({ step }: { readonly step: Step }) {
  const { t } = useTranslation('flows');
  const { flow, state, dispatch, words, findings, trail, reveal } = useEditor();
  const kind = kindOf(step.kind);
  const mine = findings.filter((one) => one.node_id === step.id);
  const selected = state.selected.includes(step.id);
  return (
    <li data-row className={classes.outlineRow} data-selected={selected} data-trail={trail.current === step.id ? 'current' : undefined}>
      <button type="button" data-step className={classes.outlineStep} aria-pressed={selected} onClick={() => dispatch({ type: 'select', ids: [step.id] })}>
        <span className={classes.cardIcon} data-group={kind.group}>
          <kind.icon size={15} aria-hidden />
        </span>
        <span className={classes.outlineName}>{words.title(step)}</span>
        {flow.start === step.id && <IconFlag3 size={14} aria-label={t('editor.start')} />}
        {mine.length > 0 && <Tag tone={mine.some((one) => one.severity === 'error') ? 'bad' : 'warn'}>{t('check.count', { count: mine.length })}</Tag>}
        <span className={classes.outlineText}>{words.summary(step)}</span>
      </button>
      <ul className={classes.outlineExits}>
        {drawnExits(flow, step, selected).map((exit) => {
          const instead = insteadOf(step.kind, exit);
          const to = stepOf(flow, targetOf(flow, step.id, exit));
          return (
            <li key={exit}>
              {words.exit(step, exit)} →{' '}
              {to === undefined ? (
                <span className={classes.nowhere}>{instead === null ? t('editor.nowhere') : t('editor.instead', { exit: words.exit(step, instead) })}</span>
              ) : (
                <button type="button" className={classes.jump} onClick={() => reveal(to.id)}>
                  {words.title(to)}
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </li>
  );
}
