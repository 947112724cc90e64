import { Textarea } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { COMPARED_AS, COMPARES, type Assignment, type Case, type Condition, type HoursStep, type HttpStep, type LookupStep, type SetStep, type TestStep, type Value } from './flow';
import { useEditor } from './editor-context';
import { useNames } from './names-context';
import { FieldSet } from './field-set';
import { RowList } from './row-list';
import { Choice, Line, NumberBox, Pick, VariableBox, useSet } from './step-fields';
import classes from './flows.module.css';

const MAX_ROWS = 20; // assignments, cases and results, as the server has it
const MAX_CONDITIONS = 10;
const MAX_HEADERS = 10;
const MAX_VALUE = 500; // characters

export function HoursForm({ step }: { readonly step: HoursStep }) {
  const { t } = useTranslation('flows');
  const set = useSet(step);
  return <Pick label={t('field.calendar')} value={step.calendar_id} options={useNames().calendars} onChange={(value) => set('calendar_id', value)} />;
}

const shown = (value: Value): string => (value === null ? '' : String(value));

const HOWS = ['set', 'add', 'clear'] as const;

export function SetForm({ step }: { readonly step: SetStep }) {
  const { t } = useTranslation('flows');
  const set = useSet(step);
  return (
    <FieldSet title={t('field.assignments')} note={t('field.braces')}>
      <RowList<Assignment>
        rows={step.assignments}
        most={MAX_ROWS}
        addLabel={t('field.addAssignment')}
        fresh={() => ({ variable: 'value', how: 'set', value: '' })}
        onChange={(rows) => set('assignments', rows)}
        row={(one, put) => (
          <div className={classes.stack}>
            <div className={classes.pair}>
              <VariableBox label={t('field.variable')} value={one.variable} onChange={(variable) => put({ ...one, variable })} />
              <Choice label={t('field.how')} value={one.how} options={HOWS.map((how) => ({ value: how, label: t(`assign.${how}`) }))} onChange={(how) => put({ ...one, how, value: how === 'add' ? 1 : '' })} />
            </div>
            {one.how === 'set' && <Line label={t('field.value')} value={shown(one.value)} most={MAX_VALUE} onChange={(value) => put({ ...one, value })} />}
            {one.how === 'add' && (
              <NumberBox label={t('field.value')} value={Number(one.value ?? 0)} least={-1_000_000} most={1_000_000} whole={false} onChange={(value) => put({ ...one, value })} />
            )}
          </div>
        )}
      />
    </FieldSet>
  );
}

const MATCHES = ['all', 'any'] as const;

/** An id that no case of the step has: exits are named by it, so it never changes. */
const freeCase = (cases: readonly Case[]): string => {
  for (let number = 1; ; number += 1) if (!cases.some((one) => one.id === String(number))) return String(number);
};

export function TestForm({ step }: { readonly step: TestStep }) {
  const { t } = useTranslation('flows');
  const set = useSet(step);
  return (
    <FieldSet title={t('field.cases')} note={t('field.casesText')}>
      <RowList<Case>
        rows={step.cases}
        most={MAX_ROWS}
        addLabel={t('field.addCase')}
        fresh={() => ({ id: freeCase(step.cases), label: '', match: 'all', conditions: [FRESH_CONDITION] })}
        onChange={(rows) => set('cases', rows)}
        row={(one, put) => (
          <div className={classes.stack}>
            <Line label={t('field.caseName')} value={one.label} most={60} onChange={(label) => put({ ...one, label })} />
            {one.conditions.length > 1 && (
              <Choice label={t('field.match')} value={one.match} options={MATCHES.map((match) => ({ value: match, label: t(`match.${match}`) }))} onChange={(match) => put({ ...one, match })} />
            )}
            <RowList<Condition>
              rows={one.conditions}
              most={MAX_CONDITIONS}
              addLabel={t('field.addCondition')}
              fresh={() => FRESH_CONDITION}
              onChange={(conditions) => put({ ...one, conditions })}
              row={(condition, change) => <ConditionFields value={condition} onChange={change} />}
            />
          </div>
        )}
      />
    </FieldSet>
  );
}

const FRESH_CONDITION: Condition = { variable: 'digits', compare: 'is', compare_as: 'text', value: '' };
const BOOLEANS = ['true', 'false'] as const;

function ConditionFields({ value: one, onChange }: { readonly value: Condition; readonly onChange: (value: Condition) => void }) {
  const { t } = useTranslation('flows');
  const needsValue = one.compare !== 'empty' && one.compare !== 'not_empty';
  const typed = (text: string): Value => (one.compare_as === 'number' && text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text);
  return (
    <div className={classes.pair}>
      <VariableBox label={t('field.variable')} value={one.variable} onChange={(variable) => onChange({ ...one, variable })} />
      <Choice label={t('field.compare')} value={one.compare} options={COMPARES.map((compare) => ({ value: compare, label: t(`compare.${compare}`) }))} onChange={(compare) => onChange({ ...one, compare })} />
      {needsValue && (
        <>
          <Choice
            label={t('field.compareAs')}
            value={one.compare_as}
            options={COMPARED_AS.map((as) => ({ value: as, label: t(`comparedAs.${as}`) }))}
            onChange={(compare_as) => onChange({ ...one, compare_as, value: compare_as === 'boolean' ? true : shown(one.value) })}
          />
          {one.compare_as === 'boolean' ? (
            <Choice
              label={t('field.value')}
              value={one.value === false ? 'false' : 'true'}
              options={BOOLEANS.map((value) => ({ value, label: t(`boolean.${value}`) }))}
              onChange={(value) => onChange({ ...one, value: value === 'true' })}
            />
          ) : (
            <Line label={t('field.value')} value={shown(one.value)} most={MAX_VALUE} onChange={(value) => onChange({ ...one, value: typed(value) })} />
          )}
        </>
      )}
    </div>
  );
}

export function LookupForm({ step }: { readonly step: LookupStep }) {
  const { t } = useTranslation('flows');
  const set = useSet(step);
  return (
    <>
      <VariableBox label={t('field.lookupBy')} value={step.variable} onChange={(value) => set('variable', value)} />
      <p className={classes.hint}>{t('field.lookupText')}</p>
    </>
  );
}

const METHODS = ['GET', 'POST', 'PUT'] as const;

export function HttpForm({ step }: { readonly step: HttpStep }) {
  const { t } = useTranslation('flows');
  const set = useSet(step);
  const { readOnly } = useEditor();
  return (
    <>
      <Choice label={t('field.method')} value={step.method} options={METHODS.map((one) => ({ value: one, label: one }))} onChange={(value) => set('method', value)} />
      <Line label={t('field.url')} description={t('field.urlText')} placeholder="https://" value={step.url} most={1000} onChange={(value) => set('url', value)} />
      <NumberBox label={t('field.timeout')} value={step.timeout_seconds} least={0.5} most={20} whole={false} onChange={(value) => set('timeout_seconds', value)} />
      {step.method !== 'GET' && (
        <Textarea label={t('field.body')} rows={4} maxLength={4000} disabled={readOnly} spellCheck={false} value={step.body} onChange={(event) => set('body', event.currentTarget.value)} />
      )}
      <FieldSet title={t('field.results')} note={t('field.resultsText')}>
        <RowList
          rows={step.results}
          most={MAX_ROWS}
          addLabel={t('field.addResult')}
          fresh={() => ({ path: 'id', variable: 'answer' })}
          onChange={(rows) => set('results', rows)}
          row={(one, put) => (
            <div className={classes.pair}>
              <Line label={t('field.path')} value={one.path} most={200} onChange={(path) => put({ ...one, path: path === '' ? one.path : path })} />
              <VariableBox label={t('field.into')} value={one.variable} onChange={(variable) => put({ ...one, variable })} />
            </div>
          )}
        />
      </FieldSet>
      <FieldSet title={t('field.headers')}>
        <RowList
          rows={step.headers}
          most={MAX_HEADERS}
          addLabel={t('field.addHeader')}
          fresh={() => ({ name: 'Accept', value: '' })}
          onChange={(rows) => set('headers', rows)}
          row={(one, put) => (
            <div className={classes.pair}>
              <Line label={t('field.header')} value={one.name} most={60} onChange={(name) => put({ ...one, name: name.replaceAll(/[^A-Za-z0-9-]/g, '') || one.name })} />
              <Line label={t('field.value')} value={one.value} most={MAX_VALUE} onChange={(value) => put({ ...one, value })} />
            </div>
          )}
        />
      </FieldSet>
    </>
  );
}
