import { ActionIcon, Button, Select } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FormApi } from '@/shared/form/use-form';
import { useLanguageOptions } from '@/shared/i18n/choices';
import { useOptions } from '@/shared/live/cards';
import type { Option } from '@/shared/table/types';
import { CEFR, type EmployeeValues } from './people';
import classes from './people.module.css';

const SKILL_LEVELS = Array.from({ length: 10 }, (_, index) => String(index + 1));

interface Pair {
  readonly key: string;
  readonly level: string;
}

interface LevelListProps {
  readonly field: string;
  readonly label: string;
  readonly add: string;
  readonly pairs: readonly Pair[];
  readonly options: readonly Option[];
  readonly levels: readonly string[];
  readonly firstLevel: string;
  readonly error: string | null;
  readonly readOnly: boolean;
  readonly onChange: (pairs: Pair[]) => void;
}

/** Things with a level each; what is chosen already is not offered again. */
function LevelList({ field, label, add, pairs, options, levels, firstLevel, error, readOnly, onChange }: LevelListProps) {
  const { t } = useTranslation(['people', 'common']);
  const free = options.filter((one) => !pairs.some((pair) => pair.key === one.value));
  const replace = (index: number, pair: Pair) => onChange(pairs.map((one, at) => (at === index ? pair : one)));
  const nameOf = (key: string) => options.find((one) => one.value === key)?.label ?? '';
  return (
    <fieldset className={classes.levels} data-field={field}>
      <legend className={classes.legend}>{label}</legend>
      {pairs.map((pair, index) => (
        <div key={pair.key} className={classes.level}>
          <Select
            className={classes.what}
            aria-label={label}
            data={options.filter((one) => one.value === pair.key || free.includes(one))}
            value={pair.key}
            searchable
            allowDeselect={false}
            disabled={readOnly}
            onChange={(key) => key !== null && replace(index, { ...pair, key })}
          />
          <Select
            w={78}
            aria-label={t('level', { name: nameOf(pair.key) })}
            data={[...levels]}
            value={pair.level}
            allowDeselect={false}
            disabled={readOnly}
            onChange={(level) => level !== null && replace(index, { ...pair, level })}
          />
          {!readOnly && (
            <ActionIcon variant="subtle" color="gray" aria-label={t('removeLevel', { name: nameOf(pair.key) })} onClick={() => onChange(pairs.filter((one) => one !== pair))}>
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          )}
        </div>
      ))}
      {pairs.length === 0 && readOnly && <span>—</span>}
      {!readOnly && free.length > 0 && (
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => onChange([...pairs, { key: free[0]?.value ?? '', level: firstLevel }])}
        >
          {add}
        </Button>
      )}
      {error !== null && <p className={classes.error}>{error}</p>}
    </fieldset>
  );
}

interface FieldProps {
  readonly form: FormApi<EmployeeValues>;
  readonly label: string;
}

export function SkillsField({ form, label }: FieldProps) {
  const { t } = useTranslation(['people', 'common']);
  return (
    <LevelList
      field="skills"
      label={label}
      add={t('addSkill')}
      pairs={form.values.skills.map((one) => ({ key: one.skill_id, level: String(one.level) }))}
      options={useOptions('skills')}
      levels={SKILL_LEVELS}
      firstLevel="5"
      error={form.error('skills')}
      readOnly={form.readOnly}
      onChange={(pairs) => form.set('skills', pairs.map((pair) => ({ skill_id: pair.key, level: Number(pair.level) })))}
    />
  );
}

type Cefr = EmployeeValues['languages'][number]['level'];

export function LanguagesField({ form, label }: FieldProps) {
  const { t } = useTranslation(['people', 'common']);
  return (
    <LevelList
      field="languages"
      label={label}
      add={t('addLanguage')}
      pairs={form.values.languages.map((one) => ({ key: one.language, level: one.level }))}
      options={useLanguageOptions()}
      levels={CEFR}
      firstLevel="B2"
      error={form.error('languages')}
      readOnly={form.readOnly}
      onChange={(pairs) => form.set('languages', pairs.map((pair) => ({ language: pair.key, level: pair.level as Cefr })))}
    />
  );
}
