import { ActionIcon, Select } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { SelectField, SwitchField, TextField } from '@/shared/form/fields';
import { NoteField } from '@/shared/form/note-field';
import type { FormApi } from '@/shared/form/use-form';
import { useNames, useOptions } from '@/shared/live/cards';
import { useCards } from '@/shared/live/live';
import { useCan } from '@/shared/session/session';
import { Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import type { QueueLabels } from './queue-labels';
import classes from './queues.module.css';
import { STRATEGIES, THRESHOLDS, type QueueValues } from './queues';
import { StepsField } from './steps-field';

export interface SectionProps {
  readonly form: FormApi<QueueValues>;
  readonly labels: QueueLabels;
}

/** What the queue is, whom it asks first, how long things may take. */
export function GeneralSection({ form, labels, isNew }: SectionProps & { readonly isNew: boolean }) {
  const { t } = useTranslation('queues');
  const projects = useOptions('projects', { keep: [form.values.project_id] });
  const project = useNames('projects');
  return (
    <>
      <Section title={t('section.general')}>
        <div className={ui.grid}>
          <TextField form={form} name="name" label={labels.name} required focusFirst={isNew} />
          {isNew ? (
            <SelectField form={form} name="project_id" label={labels.project_id} options={projects} />
          ) : (
            <div>
              <p className={classes.legend}>{labels.project_id}</p>
              <p>{project(form.values.project_id) || '—'}</p>
            </div>
          )}
          <CalendarField form={form} labels={labels} />
          <div className={ui.span}>
            <NoteField form={form} name="note" label={labels.note} />
          </div>
        </div>
      </Section>
      <Section title={t('section.order')} note={t('section.orderNote')}>
        <div className={ui.grid}>
          <SelectField form={form} name="strategy" label={labels.strategy} description={t(`hint.${form.values.strategy as 'longest_idle'}`)} options={STRATEGIES.map((value) => ({ value, label: t(`strategy.${value}`) }))} />
          <TextField form={form} name="target" label={labels.target} description={t('hint.target')} />
          <TextField form={form} name="priority" label={labels.priority} description={t('hint.priority')} />
          <TextField form={form} name="ring" label={labels.ring} description={t('hint.ring')} />
          <TextField form={form} name="wrap_up" label={labels.wrap_up} description={t('hint.wrap_up')} />
          <TextField form={form} name="handling_guess" label={labels.handling_guess} description={t('hint.handling_guess')} />
          <SwitchField form={form} name="operator_may_hang_up" label={labels.operator_may_hang_up} description={t('hint.operator_may_hang_up')} />
        </div>
      </Section>
    </>
  );
}

/** When the queue is open: a calendar of its project; without one, always. */
function CalendarField({ form, labels }: SectionProps) {
  const { t } = useTranslation('queues');
  const cards = useCards('calendars');
  const own = [...cards.values()].filter((one) => one.project_id === form.values.project_id).map((one) => ({ value: one.id, label: one.name }));
  return <SelectField form={form} name="calendar_id" label={labels.calendar_id} description={t('hint.calendar_id')} placeholder={t('always')} clearable options={own} />;
}

const LEVELS = Array.from({ length: 10 }, (_, index) => String(index + 1));
const CEFR = ['A1', 'A2', 'B1', 'B2', 'C1', 'C2'];
const MAX_SKILLS = 20; // as the server has it

/** Who may serve a contact of this queue, and how the demands soften while it waits. */
export function DemandsSection({ form, labels }: SectionProps) {
  const { t } = useTranslation('queues');
  return (
    <>
      <Section title={t('section.demands')} note={t('section.demandsNote')}>
        <div className={ui.grid}>
          <SkillsField form={form} labels={labels} />
          <SelectField form={form} name="language_level" label={labels.language_level} description={t('hint.language_level')} options={CEFR.map((label, index) => ({ value: String(index + 1), label }))} />
          <TextField form={form} name="max_rank" label={labels.max_rank} description={t('hint.max_rank')} />
        </div>
      </Section>
      <Section title={t('section.steps')}>
        <div className={ui.grid}>
          <StepsField form={form} />
        </div>
      </Section>
      <Section title={t('section.last')}>
        <div className={ui.grid}>
          <SwitchField form={form} name="last_operator_first" label={labels.last_operator_first} description={t('hint.last_operator_first')} />
          <TextField form={form} name="last_operator_wait" label={labels.last_operator_wait} description={t('hint.last_operator_wait')} />
        </div>
      </Section>
    </>
  );
}

function SkillsField({ form, labels }: SectionProps) {
  const { t } = useTranslation('queues');
  const options = useOptions('skills');
  const { skills } = form.values;
  const free = options.filter((one) => !skills.some((skill) => skill.skill_id === one.value));
  const [next] = free;
  return (
    <fieldset className={ui.span} data-field="skills">
      <legend className={classes.legend}>{labels.skills}</legend>
      {skills.map((one) => (
        <div key={one.skill_id} className={classes.line}>
          <span className={classes.grow}>{options.find((option) => option.value === one.skill_id)?.label ?? '—'}</span>
          <Select
            className={classes.rank}
            aria-label={t('skillLevel', { skill: options.find((option) => option.value === one.skill_id)?.label ?? '' })}
            data={LEVELS}
            value={String(one.level)}
            allowDeselect={false}
            disabled={form.readOnly}
            onChange={(level) => level !== null && form.set('skills', skills.map((other) => (other === one ? { ...one, level: Number(level) } : other)))}
          />
          {!form.readOnly && (
            <ActionIcon variant="subtle" color="gray" aria-label={t('skillRemove')} onClick={() => form.set('skills', skills.filter((other) => other !== one))}>
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          )}
        </div>
      ))}
      {!form.readOnly && next !== undefined && skills.length < MAX_SKILLS && (
        <Select
          w={260}
          aria-label={t('skillAdd')}
          placeholder={t('skillAdd')}
          leftSection={<IconPlus size={14} aria-hidden />}
          data={free}
          value={null}
          searchable
          onChange={(id) => id !== null && form.set('skills', [...skills, { skill_id: id, level: 5 }])}
        />
      )}
      {form.error('skills') !== null && <p className={ui.errorText}>{form.error('skills')}</p>}
    </fieldset>
  );
}

/** What a waiting person hears. */
export function SoundsSection({ form, labels }: SectionProps) {
  const { t } = useTranslation('queues');
  const can = useCan();
  const project = form.values.project_id;
  const prompts = useQuery({
    queryKey: ['prompts', 'options', project],
    queryFn: ({ signal }) => call(api.GET('/api/prompts', { params: { query: { page_size: 200, ...(project === null ? {} : { project_id: project }) } }, signal })),
    enabled: project !== null && can('flows.read'),
  });
  const options = (prompts.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }));
  return (
    <Section title={t('section.sounds')} note={t('section.soundsNote')}>
      <div className={ui.grid}>
        <SelectField form={form} name="music_prompt_id" label={labels.music_prompt_id} description={t('hint.music_prompt_id')} placeholder={t('ownMelody')} clearable options={options} />
        <SelectField form={form} name="announcement_prompt_id" label={labels.announcement_prompt_id} description={t('hint.announcement_prompt_id')} placeholder={t('noPrompt')} clearable options={options} />
        <TextField form={form} name="announce_first" label={labels.announce_first} description={t('hint.announce_first')} />
        <TextField form={form} name="announce_every" label={labels.announce_every} description={t('hint.announce_every')} />
      </div>
    </Section>
  );
}

/** From when on the board raises an alarm. */
export function ThresholdsSection({ form, labels }: SectionProps) {
  const { t } = useTranslation('queues');
  return (
    <Section title={t('section.thresholds')} note={t('section.thresholdsNote')}>
      <div className={ui.grid}>
        {THRESHOLDS.map((one) => (
          <TextField key={one} form={form} name={`alert_${one}`} label={labels[`alert_${one}`]} description={t(`hint.alert_${one}`)} />
        ))}
      </div>
    </Section>
  );
}

