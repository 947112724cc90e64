import { useTranslation } from 'react-i18next';
import { useCountryOptions } from '@/shared/i18n/choices';
import type { CallbackStep, GoToStep, HangUpStep, QueueStep, SubFlowStep, TransferStep, VoicemailStep } from './flow';
import { useEditor } from './editor-context';
import { useNames } from './names-context';
import { PromptField } from './prompt-field';
import { FieldSet } from './field-set';
import { RowList } from './row-list';
import { Choice, Line, NumberBox, Pick, Toggle, useSet } from './step-fields';
import classes from './flows.module.css';

const MAX_SKILLS = 10;

export function QueueForm({ step }: { readonly step: QueueStep }) {
  const { t } = useTranslation('flows');
  const set = useSet(step);
  const names = useNames();
  return (
    <>
      <Pick label={t('field.queue')} value={step.queue_id} options={names.queues} onChange={(value) => set('queue_id', value)} />
      <NumberBox label={t('field.priority')} description={t('field.priorityText')} value={step.priority} least={0} most={10} onChange={(value) => set('priority', value)} />
      <Toggle label={t('field.demandLanguage')} checked={step.demand_language} onChange={(value) => set('demand_language', value)} />
      <FieldSet title={t('field.skills')}>
        <RowList
          rows={step.skills}
          most={names.skills.length === 0 ? 0 : MAX_SKILLS}
          addLabel={t('field.addSkill')}
          fresh={() => ({ skill_id: names.skills.find((one) => !step.skills.some((skill) => skill.skill_id === one.value))?.value ?? names.skills[0]?.value ?? '', level: 1 })}
          onChange={(rows) => set('skills', rows)}
          row={(skill, put) => (
            <div className={classes.pair}>
              <Pick label={t('field.skill')} value={skill.skill_id} options={names.skills} onChange={(id) => put({ ...skill, skill_id: id ?? skill.skill_id })} />
              <NumberBox label={t('field.level')} value={skill.level} least={1} most={10} onChange={(level) => put({ ...skill, level })} />
            </div>
          )}
        />
      </FieldSet>
    </>
  );
}

const TARGETS = ['person', 'number'] as const;

export function TransferForm({ step }: { readonly step: TransferStep }) {
  const { t } = useTranslation('flows');
  const set = useSet(step);
  const names = useNames();
  const { to } = step;
  return (
    <>
      <Choice
        label={t('field.transferTo')}
        value={to.kind}
        options={TARGETS.map((one) => ({ value: one, label: t(`target.${one}`) }))}
        onChange={(kind) => set('to', kind === 'person' ? { kind, person_id: null } : { kind, number: '' })}
      />
      {to.kind === 'person' ? (
        <Pick label={t('target.person')} value={to.person_id} options={names.people} onChange={(person_id) => set('to', { kind: 'person', person_id })} />
      ) : (
        <Line label={t('target.number')} description={t('field.braces')} value={to.number} most={60} onChange={(number) => set('to', { kind: 'number', number })} />
      )}
      <NumberBox label={t('field.ringSeconds')} value={step.ring_seconds} least={5} most={120} whole={false} onChange={(value) => set('ring_seconds', value)} />
    </>
  );
}

export function VoicemailForm({ step }: { readonly step: VoicemailStep }) {
  const { t } = useTranslation('flows');
  const set = useSet(step);
  return (
    <>
      <PromptField label={t('field.prompt')} note={t('field.usualWords')} value={step.prompt} onChange={(value) => set('prompt', value)} />
      <Line label={t('field.box')} description={t('field.boxText')} value={step.box} most={60} onChange={(value) => set('box', value)} />
      <div className={classes.pair}>
        <NumberBox label={t('field.maxSeconds')} value={step.max_seconds} least={5} most={600} onChange={(value) => set('max_seconds', value)} />
        <NumberBox label={t('field.silenceSeconds')} value={step.silence_seconds} least={2} most={30} onChange={(value) => set('silence_seconds', value)} />
      </div>
    </>
  );
}

const NUMBERS = ['choose', 'caller', 'ask'] as const;

export function CallbackForm({ step }: { readonly step: CallbackStep }) {
  const { t } = useTranslation('flows');
  const set = useSet(step);
  const names = useNames();
  const countries = useCountryOptions(step.country);
  return (
    <>
      <Pick label={t('field.callbackQueue')} value={step.queue_id} options={names.queues} onChange={(value) => set('queue_id', value)} />
      <PromptField label={t('field.prompt')} note={t('field.usualWords')} value={step.prompt} onChange={(value) => set('prompt', value)} />
      <Choice label={t('field.callbackNumber')} value={step.number} options={NUMBERS.map((one) => ({ value: one, label: t(`callback.${one}`) }))} onChange={(value) => set('number', value)} />
      {step.number !== 'caller' && <Pick label={t('field.country')} value={step.country} options={countries} onChange={(value) => set('country', value)} />}
      <NumberBox label={t('field.attempts')} value={step.attempts} least={1} most={9} onChange={(value) => set('attempts', value)} />
    </>
  );
}

export function SubFlowForm({ step }: { readonly step: SubFlowStep }) {
  const { t } = useTranslation('flows');
  const set = useSet(step);
  const { flowId } = useEditor();
  const others = useNames().flows.filter((one) => one.value !== flowId);
  return <Pick label={t('field.flow')} description={t('field.flowText')} value={step.flow_id} options={others} onChange={(value) => set('flow_id', value)} />;
}

export function GoToForm({ step }: { readonly step: GoToStep }) {
  const { t } = useTranslation('flows');
  const set = useSet(step);
  const { flow, words } = useEditor();
  const others = flow.nodes.filter((one) => one.id !== step.id).map((one) => ({ value: one.id, label: words.title(one) }));
  return <Pick label={t('field.goto')} value={step.node} options={others} onChange={(value) => set('node', value)} />;
}

const CAUSES = ['normal', 'busy', 'unavailable', 'rejected'] as const;

export function HangUpForm({ step }: { readonly step: HangUpStep }) {
  const { t } = useTranslation('flows');
  const set = useSet(step);
  return (
    <>
      <PromptField label={t('field.lastWords')} value={step.prompt} onChange={(value) => set('prompt', value)} />
      <Choice label={t('field.cause')} description={t('field.causeText')} value={step.cause} options={CAUSES.map((one) => ({ value: one, label: t(`cause.${one}`) }))} onChange={(value) => set('cause', value)} />
    </>
  );
}
