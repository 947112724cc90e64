import { nameFrom, type Disposition, type FieldType } from './tree';

export interface AskedValue {
  /** Empty until it is saved for the first time: it comes from the label then, and stays. */
  readonly name: string;
  readonly en: string;
  readonly ru: string;
  readonly ro: string;
  readonly type: FieldType;
  readonly required: boolean;
  /** One a line. */
  readonly choices: string;
}

export interface NodeValues {
  en: string;
  ru: string;
  ro: string;
  code: string;
  /** Empty: at the top. */
  parent_id: string;
  required_fields: AskedValue[];
}

export const NEW_FIELD: AskedValue = { name: '', en: '', ru: '', ro: '', type: 'text', required: true, choices: '' };

export function toValues(one: Disposition | null, under: string | null): NodeValues {
  if (one === null) return { en: '', ru: '', ro: '', code: '', parent_id: under ?? '', required_fields: [] };
  return {
    en: one.labels.en,
    ru: one.labels.ru,
    ro: one.labels.ro,
    code: one.code,
    parent_id: one.parent_id ?? '',
    required_fields: one.required_fields.map((asked) => ({
      name: asked.name,
      en: asked.labels.en,
      ru: asked.labels.ru,
      ro: asked.labels.ro,
      type: asked.type,
      required: asked.required,
      choices: (asked.choices ?? []).join('\n'),
    })),
  };
}

export function toBody(values: NodeValues) {
  const taken = new Set(values.required_fields.map((asked) => asked.name).filter((name) => name !== ''));
  const labels = ({ en, ru, ro }: { en: string; ru: string; ro: string }) => ({ en: en.trim(), ru: ru.trim(), ro: ro.trim() });
  return {
    labels: labels(values),
    code: values.code.trim(),
    parent_id: values.parent_id === '' ? null : values.parent_id,
    required_fields: values.required_fields.map((asked, place) => {
      const name = asked.name === '' ? nameFrom(asked.en, taken) || `field_${place + 1}` : asked.name;
      taken.add(name);
      const choices = asked.choices.split('\n').map((line) => line.trim()).filter((line) => line !== '');
      return { name, labels: labels(asked), type: asked.type, required: asked.required, choices: asked.type === 'choice' ? choices : [] };
    }),
  };
}
