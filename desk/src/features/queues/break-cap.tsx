import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Got } from '@/shared/api/types';
import { toast } from '@/shared/feedback/toasts';
import { TextField } from '@/shared/form/fields';
import { Form } from '@/shared/form/form';
import { useForm } from '@/shared/form/use-form';
import drawer from '@/shared/ui/drawer.module.css';
import { useMayChangeBreaks } from './may-change';

export type BreakCap = Got<'/api/breaks/cap'>;

interface CapValues {
  most: string;
}

const toValues = ({ most }: BreakCap): CapValues => ({ most: most === null ? '' : String(most) });

/** What is no number is sent as it is, so that the server says beside the field what is wrong. */
const toBody = ({ most }: CapValues) => ({ most: most.trim() === '' ? null : /^\d+$/.test(most.trim()) ? Number(most) : most.trim() }) as { most: number | null };

/** How many of the whole centre may be on a break at once. */
export function BreakCapForm({ cap, close }: { readonly cap: BreakCap; readonly close: () => void }) {
  const { t } = useTranslation(['queues', 'common']);
  const client = useQueryClient();
  const form = useForm<CapValues>({
    name: 'break.cap',
    initial: toValues(cap),
    version: null,
    readOnly: !useMayChangeBreaks(),
    save: async (_change, all) => ({ values: toValues(await call(api.PUT('/api/breaks/cap', { body: toBody(all) }))), version: null }),
    read: (current) => ({ values: toValues(current as unknown as BreakCap), version: null }),
    onSaved: () => {
      void client.invalidateQueries({ queryKey: ['breaks'] });
      toast.done(t('common:saved'));
      close();
    },
  });
  return (
    <Form form={form} isNew={false} labels={{ most: t('break.cap') }}>
      <div className={drawer.fields}>
        <TextField form={form} name="most" label={t('break.cap')} description={t('break.allCapHint')} focusFirst />
      </div>
    </Form>
  );
}
