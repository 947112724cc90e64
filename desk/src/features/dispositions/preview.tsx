import { Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LANGUAGES, LANGUAGE_NAMES, isLanguage, type Language } from '@/shared/i18n';
import { Segments } from './segments';
import { KINDS, labelOf, leavesOf, type Asked, type Disposition, type Kind } from './tree';
import classes from './dispositions.module.css';

const INPUT_TYPES = { text: 'text', number: 'text', date: 'date', phone: 'tel' } as const;

/** What an operator of the project sees beside the note, in each language. Nothing typed here goes anywhere. */
export function Preview({ all }: { readonly all: readonly Disposition[] }) {
  const { t, i18n } = useTranslation('dispositions');
  const [language, setLanguage] = useState<Language>(isLanguage(i18n.language) ? i18n.language : 'en');
  const [chosen, setChosen] = useState<Readonly<Record<Kind, string | null>>>({ cause: null, outcome: null });
  const asked = all.filter((one) => one.id === chosen.cause || one.id === chosen.outcome).flatMap((one) => one.required_fields);
  return (
    <div className={classes.preview}>
      <p className={classes.soft}>{t('preview.note')}</p>
      <Segments label={t('preview.language')} options={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value], lang: value }))} value={language} onChange={setLanguage} />
      {KINDS.map((kind) => (
        <Select
          key={kind}
          label={t(`one.${kind}`)}
          placeholder={t('preview.choose')}
          data={leavesOf(all, kind, language)}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': t('preview.clear', { name: t(`one.${kind}`) }) }}
          nothingFoundMessage={t('preview.nothing')}
          value={chosen[kind]}
          onChange={(value) => setChosen({ ...chosen, [kind]: value })}
        />
      ))}
      {asked.map((field) => (
        <Field key={field.name} field={field} language={language} />
      ))}
    </div>
  );
}

function Field({ field, language }: { readonly field: Asked; readonly language: Language }) {
  const common = { label: labelOf(field.labels, language), required: field.required };
  if (field.type === 'choice') return <Select {...common} data={[...(field.choices ?? [])]} />;
  return <TextInput {...common} type={INPUT_TYPES[field.type]} autoComplete="off" />;
}
