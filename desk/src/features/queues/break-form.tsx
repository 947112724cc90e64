import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import type { Posted, Row } from '@/shared/api/types';
import { toast } from '@/shared/feedback/toasts';
import { SwitchField, TextField } from '@/shared/form/fields';
import { Form } from '@/shared/form/form';
import { RemoveButton } from '@/shared/form/remove-button';
import { useForm } from '@/shared/form/use-form';
import drawer from '@/shared/ui/drawer.module.css';
import { useMayChangeBreaks } from './may-change';

export type Break = Row<'/api/breaks'>;

interface BreakValues {
  name: string;
  planned_minutes: string;
  cap: string;
  paid: boolean;
}

const NEW: BreakValues = { name: '', planned_minutes: '15', cap: '', paid: true };
const toValues = (one: Break): BreakValues => ({ name: one.name, planned_minutes: String(one.planned_minutes), cap: one.cap === null ? '' : String(one.cap), paid: one.paid });

/** What is no number is sent as it is, so that the server says beside the field what is wrong. */
const number = (text: string): number | string | null => (text.trim() === '' ? null : /^\d+$/.test(text.trim()) ? Number(text) : text.trim());

function toBody(values: Partial<BreakValues>): Record<string, unknown> {
  const { planned_minutes, cap, ...rest } = values;
  return { ...rest, ...(planned_minutes === undefined ? {} : { planned_minutes: number(planned_minutes) }), ...(cap === undefined ? {} : { cap: number(cap) }) };
}

export function BreakForm({ one, close }: { readonly one: Break | null; readonly close: () => void }) {
  const { t } = useTranslation(['queues', 'common']);
  const mayWrite = useMayChangeBreaks();
  const client = useQueryClient();
  const refresh = () => void client.invalidateQueries({ queryKey: ['breaks'] });
  const form = useForm<BreakValues>({
    name: `break.${one?.id ?? 'new'}`,
    initial: one === null ? NEW : toValues(one),
    version: one?.version ?? null,
    readOnly: !mayWrite,
    save: async (change, all, version) => {
      const saved =
        one === null
          ? await call(api.POST('/api/breaks', { body: toBody(all) as Posted<'/api/breaks'> }))
          : await call(
              api.PATCH('/api/breaks/{break_id}', { params: { path: { break_id: one.id }, header: ifMatch(version ?? 0) }, body: toBody(change) }),
            );
      return { values: toValues(saved), version: saved.version };
    },
    read: (current) => {
      const fresh = current as unknown as Break;
      return { values: toValues(fresh), version: fresh.version };
    },
    onSaved: () => {
      refresh();
      toast.done(t('common:saved'));
      close();
    },
  });
  const labels = { name: t('field.name'), planned_minutes: t('break.plannedMinutes'), cap: t('break.cap'), paid: t('break.paid') };
  const remove = one !== null && !form.readOnly && (
    <RemoveButton
      what={one.name}
      remove={() => call(api.DELETE('/api/breaks/{break_id}', { params: { path: { break_id: one.id }, header: ifMatch(one.version) } }))}
      onDone={() => {
        refresh();
        close();
      }}
    />
  );
  return (
    <Form form={form} isNew={one === null} labels={labels} extra={remove}>
      <div className={drawer.fields}>
        <TextField form={form} name="name" label={labels.name} required focusFirst />
        <TextField form={form} name="planned_minutes" label={labels.planned_minutes} description={t('break.plannedHint')} required />
        <TextField form={form} name="cap" label={labels.cap} description={t('break.capHint')} />
        <SwitchField form={form} name="paid" label={labels.paid} description={t('break.paidHint')} />
      </div>
    </Form>
  );
}
