import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { plain } from '@/shared/form/plain';
import { api, call, ifMatch } from '@/shared/api/http';
import type { Company } from '@/shared/api/types';
import { toast } from '@/shared/feedback/toasts';
import { SelectField, TextField } from '@/shared/form/fields';
import { Form } from '@/shared/form/form';
import { NoteField } from '@/shared/form/note-field';
import { useForm } from '@/shared/form/use-form';
import { useCountryOptions } from '@/shared/i18n/choices';
import { useFormat } from '@/shared/i18n/format';
import { useCan } from '@/shared/session/session';
import { Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';

interface CompanyValues {
  name: string;
  legal_name: string;
  country: string;
  note: string;
}

const toValues = ({ name, legal_name, country, note }: Company): CompanyValues => ({ name, legal_name, country, note });

export function CompanyForm({ company }: { readonly company: Company | null }) {
  const { t } = useTranslation(['projects', 'common']);
  const can = useCan();
  const client = useQueryClient();
  const navigate = useNavigate();
  const format = useFormat();
  const countries = useCountryOptions(company?.country ?? null);
  const form = useForm<CompanyValues>({
    name: `company.${company?.id ?? 'new'}`,
    initial: company === null ? { name: '', legal_name: '', country: 'MD', note: '' } : toValues(company),
    version: company?.version ?? null,
    readOnly: !can('companies.write'),
    save: async (change, all, version) => {
      const saved =
        company === null
          ? await call(api.POST('/api/companies', { body: all }))
          : await call(
              api.PATCH('/api/companies/{company_id}', {
                params: { path: { company_id: company.id }, header: ifMatch(version ?? 0) },
                body: change,
              }),
            );
      client.setQueryData(['companies', 'one', saved.id], saved);
      return { values: toValues(saved), version: saved.version, id: saved.id };
    },
    read: (current) => {
      const fresh = current as unknown as Company;
      return { values: toValues(fresh), version: fresh.version };
    },
    onSaved: (saved) => {
      void client.invalidateQueries({ queryKey: ['companies', 'list'] });
      toast.done(t('common:saved'));
      if (company === null && saved.id !== undefined) void navigate({ to: '/companies/$id', params: { id: saved.id }, replace: true });
    },
  });
  const labels = { name: t('field.title'), legal_name: t('field.legalName'), country: t('field.country'), note: t('field.note') };
  return (
    <Form
      form={form}
      isNew={company === null}
      labels={labels}
      describe={(field, value) => (field === 'country' ? format.country(value as string) : plain(value))}
    >
      <Section title={t('section.company')}>
        <div className={ui.grid}>
          <TextField form={form} name="name" label={labels.name} required focusFirst={company === null} />
          <TextField form={form} name="legal_name" label={labels.legal_name} />
          <SelectField form={form} name="country" label={labels.country} options={countries} />
          <div className={ui.span}>
            <NoteField form={form} name="note" label={labels.note} />
          </div>
        </div>
      </Section>
    </Form>
  );
}
