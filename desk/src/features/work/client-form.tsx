import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import { ApiError } from '@/shared/api/problem';
import type { Got } from '@/shared/api/types';
import { errorText, fieldText } from '@/shared/i18n/errors';
import { useFormat } from '@/shared/i18n/format';
import type { Details } from './draft';
import classes from './work.module.css';

export type Customer = Got<'/api/customers/{customer_id}'>;

interface FormProps {
  readonly customer: Customer | null;
  /** For a new card: the contact whose client this is. */
  readonly interaction: Details | null;
  readonly done: () => void;
  readonly cancel: () => void;
}

const MARKS = ['none', 'vip', 'careful', 'blocked'] as const;
const LANGUAGES = ['', 'ro', 'ru', 'en', 'uk'] as const;

/** A client's card in few fields; a new one is tied to the contact at once. */
export function ClientForm({ customer, interaction, done, cancel }: FormProps) {
  const { t } = useTranslation(['work', 'common']);
  const format = useFormat();
  const client = useQueryClient();
  const [values, setValues] = useState({
    name: customer?.name ?? interaction?.party_name ?? '',
    language: customer?.language ?? interaction?.language ?? '',
    mark: customer?.mark ?? 'none',
    note: customer?.note ?? '',
  });
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const set = (patch: Partial<typeof values>) => setValues((before) => ({ ...before, ...patch }));
  const wrong = (field: string) => {
    const found = problem instanceof ApiError ? problem.fields.find((one) => one.field === field) : undefined;
    return found === undefined ? undefined : fieldText(found);
  };
  const save = async () => {
    const body = { ...values, language: values.language === '' ? null : values.language };
    if (customer !== null) {
      await call(api.PATCH('/api/customers/{customer_id}', { params: { path: { customer_id: customer.id }, header: ifMatch(customer.version) }, body }));
    } else if (interaction !== null) {
      const made = await call(api.POST('/api/customers', { body: { ...body, project_id: interaction.project_id, phones: [] } }));
      const now = await call(api.GET('/api/interactions/{interaction_id}', { params: { path: { interaction_id: interaction.id } } }));
      await call(api.PUT('/api/interactions/{interaction_id}/customer', { params: { path: { interaction_id: interaction.id }, header: ifMatch(now.version) }, body: { customer_id: made.id } }));
    }
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await save();
      await client.invalidateQueries({ queryKey: ['customers'] });
      done();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={classes.clientForm} onSubmit={(event) => void submit(event)}>
      {/* A form that somebody has just asked for is there to be typed into. */}
      {/* eslint-disable-next-line jsx-a11y/no-autofocus */}
      <TextInput autoFocus label={t('client.name')} required maxLength={120} autoComplete="off" value={values.name} error={wrong('name')} onChange={(event) => set({ name: event.currentTarget.value })} />
      <NativeSelect
        label={t('client.language')}
        value={values.language}
        data={LANGUAGES.map((one) => ({ value: one, label: one === '' ? '—' : format.language(one) }))}
        onChange={(event) => set({ language: event.currentTarget.value })}
      />
      <NativeSelect
        label={t('client.mark')}
        value={values.mark}
        data={MARKS.map((one) => ({ value: one, label: t(`mark.${one}`) }))}
        onChange={(event) => set({ mark: event.currentTarget.value as Customer['mark'] })}
      />
      <Textarea label={t('client.note')} rows={3} maxLength={2000} value={values.note} error={wrong('note')} onChange={(event) => set({ note: event.currentTarget.value })} />
      {problem !== null && (
        <p className={classes.wrong} role="alert">
          {errorText(problem)}
        </p>
      )}
      <div className={classes.pair}>
        <Button type="submit" size="xs" loading={busy}>
          {t('common:save')}
        </Button>
        <Button variant="default" size="xs" onClick={cancel}>
          {t('common:cancel')}
        </Button>
      </div>
    </form>
  );
}
