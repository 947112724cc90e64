import { Button, Select, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { ApiError } from '@/shared/api/problem';
import { toast } from '@/shared/feedback/toasts';
import { errorText, fieldText } from '@/shared/i18n/errors';
import { useOptions } from '@/shared/live/cards';
import ui from '@/shared/ui/ui.module.css';
import classes from './board.module.css';

const STATES = ['ready', 'break', 'paused', 'off'] as const;
type Forced = (typeof STATES)[number];
const MAX_REASON = 120; // characters, as the server has it

/** Sets somebody's state for them. The reason goes into the audit trail. */
export function ForceState({ operatorId, name }: { readonly operatorId: string; readonly name: string }) {
  const { t } = useTranslation(['board', 'common']);
  const breaks = useOptions('breaks');
  const [state, setState] = useState<Forced>('ready');
  const [breakId, setBreakId] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const act = useMutation({
    mutationFn: () =>
      call(api.POST('/api/operators/{person_id}/state', { params: { path: { person_id: operatorId } }, body: { state, break_id: state === 'break' ? breakId : null, reason } })),
    onSuccess: () => {
      setReason('');
      toast.done(t('force.done', { name }));
    },
  });
  const fieldError = (field: string) => {
    const found = act.error instanceof ApiError ? act.error.fields.find((one) => one.field === field) : undefined;
    return found === undefined ? null : fieldText(found);
  };
  const beside = act.error !== null && !(act.error instanceof ApiError && act.error.fields.some((one) => one.field === 'reason' || one.field === 'break_id')) ? errorText(act.error) : null;
  return (
    <form
      className={classes.stack}
      onSubmit={(event) => {
        event.preventDefault();
        act.mutate();
      }}
    >
      <div className={classes.pair}>
        <Select
          label={t('force.state')}
          data={STATES.map((value) => ({ value, label: t(`forced.${value}`) }))}
          value={state}
          allowDeselect={false}
          onChange={(value) => value !== null && setState(value)}
        />
        {state === 'break' && (
          <Select label={t('force.break')} data={breaks} value={breakId} allowDeselect={false} required withAsterisk error={fieldError('break_id')} onChange={setBreakId} />
        )}
      </div>
      <TextInput
        label={t('force.reason')}
        description={t('force.hint')}
        required
        withAsterisk
        maxLength={MAX_REASON}
        autoComplete="off"
        value={reason}
        error={fieldError('reason')}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <div className={ui.row}>
        <Button type="submit" variant="default" loading={act.isPending} disabled={reason.trim().length < 3 || (state === 'break' && breakId === null)}>
          {t('force.apply')}
        </Button>
        <span role="alert" className={ui.errorText}>
          {beside}
        </span>
      </div>
    </form>
  );
}
