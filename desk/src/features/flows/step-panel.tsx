import { Button, Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Notice } from '@/shared/ui/bits';
import { useEditor } from './editor-context';
import { exitsOf, insteadOf } from './exits';
import type { Step } from './flow';
import { stepOf, targetOf, fragmentOf } from './graph';
import { kindOf } from './kinds';
import { FieldSet } from './field-set';
import { useFindingText } from './finding-text';
import { StepForm } from './step-form';
import { Line, NumberBox, useSet } from './step-fields';
import classes from './flows.module.css';

/** The chosen step: what it does, where its exits lead, what is wrong with it. */
export function StepPanel() {
  const { t } = useTranslation('flows');
  const { flow, state, dispatch, readOnly } = useEditor();
  const [first] = state.selected;
  const step = stepOf(flow, first ?? null);
  if (state.selected.length > 1) {
    return (
      <div className={classes.stack}>
        <p>{t('editor.many', { count: state.selected.length })}</p>
        {!readOnly && (
          <Button variant="subtle" color="red" onClick={() => dispatch({ type: 'remove', ids: state.selected })}>
            {t('step.removeMany')}
          </Button>
        )}
      </div>
    );
  }
  if (step === undefined) return <FlowFields />;
  return <OneStep key={step.id} step={step} />;
}

/** Nothing is chosen: what holds for the whole flow. */
function FlowFields() {
  const { t } = useTranslation('flows');
  const { flow, dispatch } = useEditor();
  return (
    <div className={classes.stack}>
      <p className={classes.hint}>{t('editor.nothingChosen')}</p>
      <NumberBox label={t('field.limit')} description={t('field.limitText')} value={flow.max_seconds} least={30} most={3600} onChange={(seconds) => dispatch({ type: 'limit', seconds })} />
    </div>
  );
}

function OneStep({ step }: { readonly step: Step }) {
  const { t } = useTranslation('flows');
  const { flow, dispatch, readOnly, words, findings } = useEditor();
  const set = useSet(step);
  const describe = useFindingText();
  const kind = kindOf(step.kind);
  return (
    <div className={classes.stack}>
      <h2 className={classes.panelTitle}>
        <span className={classes.cardIcon} data-group={kind.group}>
          <kind.icon size={15} aria-hidden />
        </span>
        {words.kind(step.kind)}
      </h2>
      {findings
        .filter((one) => one.node_id === step.id)
        .map((one, index) => (
          <Notice key={index} tone={one.severity === 'error' ? 'bad' : 'warn'}>
            {describe(one)}
          </Notice>
        ))}
      <Line label={t('field.name')} placeholder={words.kind(step.kind)} value={step.label} most={80} onChange={(value) => set('label', value)} />
      <StepForm step={step} />
      <Exits step={step} />
      {!readOnly && (
        <div className={classes.buttons}>
          {flow.start !== step.id && (
            <Button variant="default" size="compact-sm" onClick={() => dispatch({ type: 'start', id: step.id })}>
              {t('step.makeStart')}
            </Button>
          )}
          <Button variant="default" size="compact-sm" onClick={() => dispatch({ type: 'paste', fragment: fragmentOf(flow, [step.id]) })}>
            {t('step.duplicate')}
          </Button>
          <Button variant="subtle" color="red" size="compact-sm" onClick={() => dispatch({ type: 'remove', ids: [step.id] })}>
            {t('step.remove')}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Where each exit leads: the same as drawing an edge, without a mouse. */
function Exits({ step }: { readonly step: Step }) {
  const { t } = useTranslation(['flows', 'common']);
  const { flow, dispatch, readOnly, words } = useEditor();
  const exits = exitsOf(step);
  if (exits.length === 0) return null;
  const targets = flow.nodes.map((one) => ({ value: one.id, label: words.title(one) }));
  return (
    <FieldSet title={t('field.exits')}>
      {exits.map((exit) => {
        const instead = insteadOf(step.kind, exit);
        const label = words.exit(step, exit);
        return (
          <Select
            key={exit}
            label={label}
            data={targets}
            searchable
            clearable={!readOnly}
            disabled={readOnly}
            clearButtonProps={{ 'aria-label': t('common:table.clear', { name: label }) }}
            nothingFoundMessage={t('common:table.noOption')}
            placeholder={instead === null ? t('editor.nowhere') : t('editor.instead', { exit: words.exit(step, instead) })}
            value={targetOf(flow, step.id, exit)}
            onChange={(target) => {
              if (target === null) dispatch({ type: 'disconnect', edges: [{ source: step.id, exit }] });
              else dispatch({ type: 'connect', edge: { source: step.id, exit, target } });
            }}
          />
        );
      })}
    </FieldSet>
  );
}
