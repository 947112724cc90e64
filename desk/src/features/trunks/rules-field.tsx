import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FormApi } from '@/shared/form/use-form';
import ui from '@/shared/ui/ui.module.css';
import classes from './trunks.module.css';
import type { NumberRule, TrunkValues } from './trunks';

interface RulesFieldProps {
  readonly form: FormApi<TrunkValues>;
  readonly name: 'rules_out' | 'rules_in';
  readonly label: string;
}

const MAX_RULES = 20; // as the server has it

/** What is cut from a number and put in front of it; the first line that fits is used. */
export function RulesField({ form, name, label }: RulesFieldProps) {
  const { t } = useTranslation('trunks');
  const rules = form.values[name];
  const put = (index: number, change: Partial<NumberRule>) => form.set(name, rules.map((rule, place) => (place === index ? { ...rule, ...change } : rule)));
  return (
    <fieldset className={ui.span} data-field={name}>
      <legend className={classes.method}>{label}</legend>
      {rules.map((rule, index) => (
        <div key={index} className={classes.rule}>
          <TextInput label={t('rule.prefix')} value={rule.prefix} disabled={form.readOnly} onChange={(event) => put(index, { prefix: event.currentTarget.value })} />
          <TextInput
            label={t('rule.strip')}
            inputMode="numeric"
            value={String(rule.strip)}
            disabled={form.readOnly}
            onChange={(event) => put(index, { strip: Number(event.currentTarget.value.replace(/\D/g, '')) })}
          />
          <TextInput label={t('rule.add')} value={rule.add} disabled={form.readOnly} onChange={(event) => put(index, { add: event.currentTarget.value })} />
          {!form.readOnly && (
            <ActionIcon
              size="lg"
              variant="subtle"
              color="gray"
              aria-label={t('rule.remove', { place: index + 1 })}
              onClick={() => form.set(name, rules.filter((_, place) => place !== index))}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          )}
        </div>
      ))}
      {!form.readOnly && rules.length < MAX_RULES && (
        <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => form.set(name, [...rules, { prefix: '', strip: 0, add: '' }])}>
          {t('rule.new')}
        </Button>
      )}
      {form.error(name) !== null && <p className={ui.errorText}>{form.error(name)}</p>}
    </fieldset>
  );
}
