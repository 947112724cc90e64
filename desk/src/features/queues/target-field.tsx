import { Select, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Option } from '@/shared/table/types';
import classes from './queues.module.css';
import { TARGET_KINDS, type TargetKind, type TargetValue } from './queues';

interface TargetFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly field: string;
  readonly value: TargetValue | null;
  /** null can be chosen: the rule is off. */
  readonly optional?: boolean;
  readonly queues: readonly Option[];
  readonly error: string | null;
  readonly readOnly: boolean;
  readonly onChange: (value: TargetValue | null) => void;
}

const OFF = 'off';

/** Where a contact goes that this queue does not serve. */
export function TargetField({ label, hint, field, value, optional = false, queues, error, readOnly, onChange }: TargetFieldProps) {
  const { t } = useTranslation('queues');
  const kinds = [...(optional ? [{ value: OFF, label: t('target.off') }] : []), ...TARGET_KINDS.map((kind) => ({ value: kind, label: t(`target.${kind}`) }))];
  const choose = (kind: string | null) => {
    if (kind === null) return;
    onChange(kind === OFF ? null : { kind: kind as TargetKind, value: kind === 'queue' ? (queues[0]?.value ?? '') : '' });
  };
  return (
    <div className={classes.target} data-field={field}>
      <Select label={label} description={hint} data={kinds} value={value?.kind ?? OFF} allowDeselect={false} disabled={readOnly} error={error} onChange={choose} />
      {value !== null && value.kind !== 'hang_up' && <TargetValueField label={label} value={value} queues={queues} readOnly={readOnly} onChange={onChange} />}
    </div>
  );
}

interface ValueProps {
  readonly label: string;
  readonly value: TargetValue;
  readonly queues: readonly Option[];
  readonly readOnly: boolean;
  readonly onChange: (value: TargetValue) => void;
}

function TargetValueField({ label, value, queues, readOnly, onChange }: ValueProps) {
  const { t } = useTranslation('queues');
  const what = t(`targetValue.${value.kind as 'queue' | 'voicemail' | 'menu' | 'number'}`);
  if (value.kind === 'queue') {
    return (
      <Select
        label={what}
        aria-label={`${label}: ${what}`}
        data={[...queues]}
        value={value.value === '' ? null : value.value}
        searchable={queues.length > 8}
        allowDeselect={false}
        disabled={readOnly}
        onChange={(id) => id !== null && onChange({ ...value, value: id })}
      />
    );
  }
  return (
    <TextInput
      label={what}
      aria-label={`${label}: ${what}`}
      type={value.kind === 'number' ? 'tel' : 'text'}
      autoComplete="off"
      value={value.value}
      disabled={readOnly}
      onChange={(event) => onChange({ ...value, value: event.currentTarget.value })}
    />
  );
}
