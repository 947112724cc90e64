import { Button, PasswordInput } from '@mantine/core';
import { useState, type SyntheticEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import { ApiError } from '@/shared/api/problem';
import type { Employee } from '@/shared/api/types';
import { toast } from '@/shared/feedback/toasts';
import { errorText, fieldText } from '@/shared/i18n/errors';
import ui from '@/shared/ui/ui.module.css';

interface PasswordDialogProps {
  readonly employee: Employee;
  readonly onDone: (fresh: Employee) => void;
  readonly close: () => void;
}

/** A temporary password: the person has to choose another one at the next sign-in. */
export function PasswordDialog({ employee, onDone, close }: PasswordDialogProps) {
  const { t } = useTranslation(['people', 'common']);
  const [value, setValue] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      const params = { path: { employee_id: employee.id }, header: ifMatch(employee.version) };
      onDone(await call(api.POST('/api/employees/{employee_id}/password', { params, body: { new: value } })));
      toast.done(t('passwordSet'));
      close();
    } catch (error) {
      const [field] = error instanceof ApiError ? error.fields : [];
      setProblem(field === undefined ? errorText(error) : fieldText(field));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <p className={ui.dialogText}>{t('setPasswordText')}</p>
      <PasswordInput
        data-autofocus
        label={t('field.password')}
        error={problem}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': t('common:form.showPassword'), tabIndex: 0 }}
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
      />
      <div className={ui.dialogButtons}>
        <Button variant="default" onClick={close}>
          {t('common:cancel')}
        </Button>
        <Button type="submit" loading={busy} disabled={value === ''}>
          {t('setPassword')}
        </Button>
      </div>
    </form>
  );
}
