import { ActionIcon, Button, Checkbox, Select, TextInput, Textarea } from '@mantine/core';
import { IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FormApi } from '@/shared/form/use-form';
import ui from '@/shared/ui/ui.module.css';
import { FIELD_TYPES, labelOf } from './tree';
import { NEW_FIELD, type AskedValue, type NodeValues } from './node-values';
import classes from './dispositions.module.css';

const MAX_FIELDS = 20; // as the server has it

/** What an operator is asked for when this is chosen. */
export function FieldsField({ form }: { readonly form: FormApi<NodeValues> }) {
  const { t, i18n } = useTranslation('dispositions');
  const list = form.values.required_fields;
  const set = (fields: readonly AskedValue[]) => form.set('required_fields', [...fields]);
  const put = (index: number, change: Partial<AskedValue>) => set(list.map((one, place) => (place === index ? { ...one, ...change } : one)));
  const up = (index: number) => set(list.map((one, place) => (place === index - 1 ? list[index] : place === index ? list[index - 1] : one) ?? one));
  return (
    <fieldset data-field="required_fields">
      <legend className={classes.legend}>{t('field.fields')}</legend>
      <p className={classes.soft}>{t('hint.fields')}</p>
      {list.map((one, index) => {
        const name = labelOf(one, i18n.language) || String(index + 1);
        return (
          <div key={index} className={classes.field} role="group" aria-label={t('asked.one', { name })}>
            <div className={ui.grid}>
              <TextInput label={t('field.en')} required value={one.en} maxLength={120} onChange={(event) => put(index, { en: event.currentTarget.value })} />
              <TextInput label={t('field.ru')} value={one.ru} maxLength={120} onChange={(event) => put(index, { ru: event.currentTarget.value })} />
              <TextInput label={t('field.ro')} value={one.ro} maxLength={120} onChange={(event) => put(index, { ro: event.currentTarget.value })} />
              <Select label={t('asked.type')} data={FIELD_TYPES.map((value) => ({ value, label: t(`type.${value}`) }))} value={one.type} allowDeselect={false} onChange={(value) => put(index, { type: value ?? 'text' })} />
            </div>
            {one.type === 'choice' && <Textarea mt="xs" label={t('asked.choices')} autosize minRows={2} maxRows={8} value={one.choices} onChange={(event) => put(index, { choices: event.currentTarget.value })} />}
            <div className={classes.fieldFoot}>
              <Checkbox label={t('asked.required')} checked={one.required} onChange={(event) => put(index, { required: event.currentTarget.checked })} />
              <ActionIcon variant="subtle" color="gray" disabled={index === 0} aria-label={t('asked.up', { name })} onClick={() => up(index)}>
                <IconArrowUp size={16} aria-hidden />
              </ActionIcon>
              <ActionIcon variant="subtle" color="gray" aria-label={t('asked.remove', { name })} onClick={() => set(list.filter((_, place) => place !== index))}>
                <IconTrash size={16} aria-hidden />
              </ActionIcon>
            </div>
          </div>
        );
      })}
      {list.length < MAX_FIELDS && (
        <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => set([...list, NEW_FIELD])}>
          {t('asked.new')}
        </Button>
      )}
      {form.error('required_fields') !== null && <p className={ui.errorText}>{form.error('required_fields')}</p>}
    </fieldset>
  );
}
