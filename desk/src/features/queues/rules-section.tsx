import { useTranslation } from 'react-i18next';
import { SwitchField, TextField } from '@/shared/form/fields';
import { useCards } from '@/shared/live/live';
import { Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { OverflowField } from './overflow-field';
import type { SectionProps } from './queue-sections';
import { HANG_UP } from './queues';
import { TargetField } from './target-field';

interface RulesProps extends SectionProps {
  readonly queueId: string | null;
}

/** What happens to those whom the queue does not serve in time. */
export function RulesSection({ form, labels, queueId }: RulesProps) {
  const { t } = useTranslation('queues');
  const cards = useCards('queues');
  const queues = [...cards.values()].filter((one) => one.id !== queueId && one.project_id === form.values.project_id && one.archived_at == null).map((one) => ({ value: one.id, label: one.name }));
  const target = (name: 'full' | 'too_long' | 'closed') => (
    <TargetField label={labels[name]} field={name} value={form.values[name]} queues={queues} error={form.error(name)} readOnly={form.readOnly} onChange={(value) => form.set(name, value ?? HANG_UP)} />
  );
  const text = (name: ('max_length' | 'max_wait' | 'no_operator_after' | 'decline_pause' | 'missed_before_pause' | 'max_on_break' | 'callback_after' | 'callback_expected' | 'callback_attempts' | 'callback_pause')) => (
    <TextField form={form} name={name} label={labels[name]} description={t(`hint.${name}`)} />
  );
  return (
    <>
      <Section title={t('section.overflow')}>
        <div className={ui.grid}>
          <OverflowField form={form} queues={queues} />
        </div>
      </Section>
      <Section title={t('section.limits')} note={t('section.limitsNote')}>
        <div className={ui.grid}>
          {text('max_length')}
          {target('full')}
          {text('max_wait')}
          {target('too_long')}
        </div>
      </Section>
      <Section title={t('section.closed')}>
        <div className={ui.grid}>
          {target('closed')}
          <SwitchField form={form} name="serve_out" label={labels.serve_out} description={t('hint.serve_out')} />
          <TargetField
            label={labels.no_operator}
            hint={t('hint.no_operator')}
            field="no_operator"
            optional
            value={form.values.no_operator}
            queues={queues}
            error={form.error('no_operator')}
            readOnly={form.readOnly}
            onChange={(value) => form.set('no_operator', value)}
          />
          {text('no_operator_after')}
        </div>
      </Section>
      <Section title={t('section.callback')} note={t('section.callbackNote')}>
        <div className={ui.grid}>
          {text('callback_after')}
          {text('callback_expected')}
          {text('callback_attempts')}
          {text('callback_pause')}
        </div>
      </Section>
      <Section title={t('section.people')}>
        <div className={ui.grid}>
          {text('decline_pause')}
          {text('missed_before_pause')}
          {text('max_on_break')}
        </div>
      </Section>
    </>
  );
}
