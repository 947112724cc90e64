import { ActionIcon, Button, Checkbox, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FormApi } from '@/shared/form/use-form';
import ui from '@/shared/ui/ui.module.css';
import classes from './queues.module.css';
import { NEW_STEP, type QueueValues, type StepValue } from './queues';

const MAX_STEPS = 10; // as the server has it

/** What is demanded after a wait; a step replaces the one before it. */
export function StepsField({ form }: { readonly form: FormApi<QueueValues> }) {
  const { t } = useTranslation('queues');
  const { steps } = form.values;
  const put = (index: number, change: Partial<StepValue>) => form.set('steps', steps.map((one, place) => (place === index ? { ...one, ...change } : one)));
  return (
    <fieldset className={ui.span} data-field="steps">
      <legend className={classes.legend}>{t('field.steps')}</legend>
      <p className={classes.hint}>{t('hint.steps')}</p>
      {steps.map((step, index) => (
        <div key={index} className={classes.line} role="group" aria-label={t('step.name', { place: index + 1 })}>
          <TextInput className={classes.time} label={t('step.after')} placeholder="1:00" value={step.after} disabled={form.readOnly} onChange={(event) => put(index, { after: event.currentTarget.value })} />
          <TextInput
            className={classes.time}
            label={t('step.levels_down')}
            inputMode="numeric"
            value={step.levels_down}
            disabled={form.readOnly}
            onChange={(event) => put(index, { levels_down: event.currentTarget.value })}
          />
          <TextInput
            className={classes.time}
            label={t('step.max_rank')}
            inputMode="numeric"
            placeholder={t('step.anyRank')}
            value={step.max_rank}
            disabled={form.readOnly}
            onChange={(event) => put(index, { max_rank: event.currentTarget.value })}
          />
          <Checkbox label={t('step.drop_skills')} checked={step.drop_skills} disabled={form.readOnly} onChange={(event) => put(index, { drop_skills: event.currentTarget.checked })} />
          <Checkbox label={t('step.drop_language')} checked={step.drop_language} disabled={form.readOnly} onChange={(event) => put(index, { drop_language: event.currentTarget.checked })} />
          {!form.readOnly && (
            <ActionIcon
              className={classes.lineEnd}
              variant="subtle"
              color="gray"
              aria-label={t('step.remove', { place: index + 1 })}
              onClick={() => form.set('steps', steps.filter((_, place) => place !== index))}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          )}
        </div>
      ))}
      {!form.readOnly && steps.length < MAX_STEPS && (
        <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => form.set('steps', [...steps, NEW_STEP])}>
          {t('step.new')}
        </Button>
      )}
      {form.error('steps') !== null && <p className={ui.errorText}>{form.error('steps')}</p>}
    </fieldset>
  );
}
