import { ActionIcon, TextInput, Tooltip } from '@mantine/core';
import { IconEye, IconPencil } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Employee } from '@/shared/api/types';
import { toast } from '@/shared/feedback/toasts';
import type { FormApi } from '@/shared/form/use-form';
import { errorText } from '@/shared/i18n/errors';
import type { EmployeeValues } from './people';

interface MaskedFieldProps {
  readonly form: FormApi<EmployeeValues>;
  readonly name: 'phone' | 'email';
  readonly label: string;
  readonly id: string;
  readonly shown: Employee['phone'] | undefined;
}

/** Shown masked. Revealing leaves a row in the audit trail; typing replaces the value without seeing the old one. */
export function MaskedField({ form, name, label, id, shown }: MaskedFieldProps) {
  const { t } = useTranslation(['people', 'common']);
  const [revealed, setRevealed] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const typed = form.values[name];
  const reveal = async () => {
    setBusy(true);
    try {
      const answer = await call(api.POST('/api/employees/{employee_id}/reveal', { params: { path: { employee_id: id } }, body: { field: name } }));
      setRevealed(answer.value);
    } catch (error) {
      toast.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  const editing = typed !== null;
  return (
    <TextInput
      name={name}
      label={label}
      description={editing ? t('masked.replaces') : undefined}
      error={form.error(name)}
      disabled={form.readOnly}
      readOnly={!editing}
      type={name === 'phone' ? 'tel' : 'email'}
      value={typed ?? revealed ?? shown?.masked ?? ''}
      placeholder={editing ? undefined : '—'}
      onChange={(event) => form.set(name, event.currentTarget.value)}
      rightSectionWidth={editing ? 0 : 62}
      rightSection={
        editing ? null : (
          <>
            {shown?.revealable === true && revealed === null && (
              <Tooltip label={t('masked.reveal')}>
                <ActionIcon variant="subtle" color="gray" loading={busy} aria-label={t('masked.revealLabel', { name: label })} onClick={() => void reveal()}>
                  <IconEye size={16} aria-hidden />
                </ActionIcon>
              </Tooltip>
            )}
            {!form.readOnly && (
              <Tooltip label={t('masked.replace')}>
                <ActionIcon variant="subtle" color="gray" aria-label={t('masked.replaceLabel', { name: label })} onClick={() => form.set(name, revealed ?? '')}>
                  <IconPencil size={16} aria-hidden />
                </ActionIcon>
              </Tooltip>
            )}
          </>
        )
      }
    />
  );
}
