import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import { confirm } from '@/shared/feedback/confirm';
import { toast } from '@/shared/feedback/toasts';
import { SelectField, TextField } from '@/shared/form/fields';
import { Form } from '@/shared/form/form';
import { RemoveButton } from '@/shared/form/remove-button';
import { useForm } from '@/shared/form/use-form';
import { errorText } from '@/shared/i18n/errors';
import { useNames, useOptions } from '@/shared/live/cards';
import { useCan } from '@/shared/session/session';
import drawer from '@/shared/ui/drawer.module.css';
import { PhoneFacts } from './phone-facts';
import type { NewPhone, Phone } from './phones';

interface PhoneValues {
  person_id: string | null;
  label: string;
  model: string;
}

interface PhoneFormProps {
  readonly phone: Phone | null;
  readonly close: () => void;
  /** A secret was made: it is shown this once. */
  readonly onMade: (made: NewPhone) => void;
}

const toValues = ({ person_id, label, model }: Phone): PhoneValues => ({ person_id, label, model });

export function PhoneForm({ phone, close, onMade }: PhoneFormProps) {
  const { t } = useTranslation(['phones', 'common']);
  const can = useCan();
  const client = useQueryClient();
  const people = useOptions('employees', { keep: [phone?.person_id] });
  const personName = useNames('employees');
  const fresh = useRef<NewPhone | null>(null);
  const form = useForm<PhoneValues>({
    name: `phone.${phone?.id ?? 'new'}`,
    initial: phone === null ? { person_id: null, label: '', model: '' } : toValues(phone),
    version: phone?.version ?? null,
    readOnly: !can('phones.write'),
    save: async (change, all, version) => {
      if (phone === null) {
        const made = await call(api.POST('/api/phones', { body: { ...all, person_id: all.person_id ?? '' } }));
        fresh.current = made;
        return { values: toValues(made.phone), version: made.phone.version };
      }
      const params = { path: { phone_id: phone.id }, header: ifMatch(version ?? 0) };
      const saved = await call(api.PATCH('/api/phones/{phone_id}', { params, body: change as Partial<PhoneValues & { person_id: string }> }));
      return { values: toValues(saved), version: saved.version };
    },
    read: (current) => {
      const theirs = current as unknown as Phone;
      return { values: toValues(theirs), version: theirs.version };
    },
    onSaved: () => {
      void client.invalidateQueries({ queryKey: ['phones'] });
      // Only now: what was typed is saved, so closing the form asks nothing.
      if (fresh.current !== null) {
        onMade(fresh.current);
        return;
      }
      toast.done(t('common:saved'));
      close();
    },
  });
  const labels = { person_id: t('field.person_id'), label: t('field.label'), model: t('field.model') };
  return (
    <>
      <Form
        form={form}
        isNew={phone === null}
        labels={labels}
        describe={(field, value) => (field === 'person_id' ? personName(value as string) : String(value))}
        extra={
          phone !== null &&
          !form.readOnly && (
            <RemoveButton
              what={phone.label}
              remove={() => call(api.DELETE('/api/phones/{phone_id}', { params: { path: { phone_id: phone.id }, header: ifMatch(phone.version) } }))}
              onDone={() => {
                void client.invalidateQueries({ queryKey: ['phones'] });
                close();
              }}
            />
          )
        }
      >
        <div className={drawer.fields}>
          <SelectField form={form} name="person_id" label={labels.person_id} options={people} required />
          <TextField form={form} name="label" label={labels.label} required placeholder={t('hint.label')} />
          <TextField form={form} name="model" label={labels.model} placeholder="Yealink T31P" />
        </div>
      </Form>
      {phone !== null && <PhoneFacts phone={phone} />}
      {phone !== null && !form.readOnly && <PhoneActions phone={phone} onMade={onMade} />}
    </>
  );
}

function PhoneActions({ phone, onMade }: { readonly phone: Phone; readonly onMade: (made: NewPhone) => void }) {
  const { t } = useTranslation(['phones', 'common']);
  const client = useQueryClient();
  const params = { path: { phone_id: phone.id }, header: ifMatch(phone.version) };
  const run = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      toast.error(errorText(error));
    }
    void client.invalidateQueries({ queryKey: ['phones'] });
  };
  const reset = async () => {
    const yes = await confirm({ title: t('reset.title'), text: t('reset.text'), confirm: t('reset.button') });
    if (yes) await run(async () => onMade(await call(api.POST('/api/phones/{phone_id}/secret', { params }))));
  };
  const turn = () =>
    run(async () => {
      await call(phone.disabled_at === null ? api.POST('/api/phones/{phone_id}/disable', { params }) : api.POST('/api/phones/{phone_id}/enable', { params }));
    });
  return (
    <div className={drawer.fields}>
      <Button variant="default" onClick={() => void reset()} disabled={phone.disabled_at !== null}>
        {t('reset.button')}
      </Button>
      <Button variant="default" onClick={() => void turn()}>
        {phone.disabled_at === null ? t('disable') : t('enable')}
      </Button>
    </div>
  );
}
