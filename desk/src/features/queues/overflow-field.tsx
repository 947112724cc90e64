import { ActionIcon, Button, Select, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FormApi } from '@/shared/form/use-form';
import type { Option } from '@/shared/table/types';
import ui from '@/shared/ui/ui.module.css';
import classes from './queues.module.css';
import { NEW_OVERFLOW, type OverflowValue, type QueueValues } from './queues';
import { TargetField } from './target-field';

const MAX_RULES = 10; // as the server has it

/** Sends a contact on after a wait, or at the door when its place would be too far back. */
export function OverflowField({ form, queues }: { readonly form: FormApi<QueueValues>; readonly queues: readonly Option[] }) {
  const { t } = useTranslation('queues');
  const { overflow } = form.values;
  const put = (index: number, change: Partial<OverflowValue>) => form.set('overflow', overflow.map((one, place) => (place === index ? { ...one, ...change } : one)));
  return (
    <fieldset className={ui.span} data-field="overflow">
      <legend className={classes.legend}>{t('field.overflow')}</legend>
      <p className={classes.hint}>{t('hint.overflow')}</p>
      {overflow.map((rule, index) => (
        <div key={index} className={classes.line} role="group" aria-label={t('overflow.name', { place: index + 1 })}>
          <Select
            w={190}
            label={t('overflow.when')}
            data={(['after', 'place'] as const).map((value) => ({ value, label: t(`overflow.${value}`) }))}
            value={rule.by}
            allowDeselect={false}
            disabled={form.readOnly}
            onChange={(by) => by !== null && put(index, { by: by })}
          />
          <TextInput
            className={classes.time}
            label={rule.by === 'after' ? t('overflow.wait') : t('overflow.number')}
            placeholder={rule.by === 'after' ? '2:00' : '10'}
            value={rule.limit}
            disabled={form.readOnly}
            onChange={(event) => put(index, { limit: event.currentTarget.value })}
          />
          <div className={classes.grow}>
            <TargetField
              label={t('overflow.to')}
              field={`overflow.${index}.to`}
              value={rule.to}
              queues={queues}
              error={null}
              readOnly={form.readOnly}
              onChange={(to) => to !== null && put(index, { to })}
            />
          </div>
          {!form.readOnly && (
            <ActionIcon
              className={classes.lineEnd}
              variant="subtle"
              color="gray"
              aria-label={t('overflow.remove', { place: index + 1 })}
              onClick={() => form.set('overflow', overflow.filter((_, place) => place !== index))}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          )}
        </div>
      ))}
      {!form.readOnly && overflow.length < MAX_RULES && (
        <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => form.set('overflow', [...overflow, NEW_OVERFLOW])}>
          {t('overflow.new')}
        </Button>
      )}
      {form.error('overflow') !== null && <p className={ui.errorText}>{form.error('overflow')}</p>}
    </fieldset>
  );
}
