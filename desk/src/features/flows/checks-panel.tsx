import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useEditor } from './editor-context';
import { useFindingText } from './finding-text';
import { stepOf } from './graph';
import classes from './flows.module.css';

/** All that the check has found; each leads to its step. */
export function ChecksPanel() {
  const { t } = useTranslation('flows');
  const { findings } = useEditor();
  if (findings.length === 0) {
    return (
      <p className={classes.allGood}>
        <IconCircleCheck size={16} aria-hidden /> {t('check.none')}
      </p>
    );
  }
  return <FindingList />;
}

export function FindingList() {
  const { t } = useTranslation('flows');
  const { flow, findings, words, reveal } = useEditor();
  const describe = useFindingText();
  return (
    <ul className={classes.findings}>
      {findings.map((one, index) => {
        const step = stepOf(flow, one.node_id);
        const Icon = one.severity === 'error' ? IconCircleX : IconAlertTriangle;
        return (
          <li key={index} className={classes.finding} data-severity={one.severity}>
            <Icon size={15} aria-label={t(`check.${one.severity}`)} />
            <span>
              {step !== undefined && (
                <button type="button" className={classes.jump} onClick={() => reveal(step.id)}>
                  {words.title(step)}
                </button>
              )}{' '}
              {describe(one)}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
