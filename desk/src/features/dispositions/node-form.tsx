import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import { toast } from '@/shared/feedback/toasts';
import { SelectField, TextField } from '@/shared/form/fields';
import { Form } from '@/shared/form/form';
import { plain } from '@/shared/form/plain';
import { useForm } from '@/shared/form/use-form';
import drawer from '@/shared/ui/drawer.module.css';
import { ObjectHistory } from '@/shared/ui/history';
import { FieldsField } from './fields-field';
import { below, codeFrom, labelOf, parentsFor, type Disposition, type Kind } from './tree';
import { toBody, toValues, type NodeValues } from './node-values';

interface NodeFormProps {
  readonly one: Disposition | null;
  readonly all: readonly Disposition[];
  readonly kind: Kind;
  readonly project: string;
  /** Where a new one comes to stand. */
  readonly under: string | null;
  readonly close: () => void;
}

export function NodeForm({ one, all, kind, project, under, close }: NodeFormProps) {
  const { t, i18n } = useTranslation(['dispositions', 'common']);
  const client = useQueryClient();
  const taken = new Set(all.filter((node) => node.kind === kind).map((node) => node.code));
  const form = useForm<NodeValues>({
    name: `disposition.${one?.id ?? `new.${project}.${kind}`}`,
    initial: toValues(one, under),
    version: one?.version ?? null,
    save: async (change, all_, version) => {
      const body = toBody(all_);
      const saved =
        one === null
          ? await call(api.POST('/api/dispositions', { body: { ...body, project_id: project, kind, code: body.code || codeFrom(all_.en, taken), position: below(all, kind, body.parent_id).length } }))
          : await call(api.PATCH('/api/dispositions/{disposition_id}', { params: { path: { disposition_id: one.id }, header: ifMatch(version ?? 0) }, body: onlyChanged(change, body) }));
      return { values: toValues(saved, null), version: saved.version };
    },
    read: (current) => {
      const fresh = current as unknown as Disposition;
      return { values: toValues(fresh, null), version: fresh.version };
    },
    onSaved: () => {
      void client.invalidateQueries({ queryKey: ['dispositions'] });
      toast.done(t('common:saved'));
      close();
    },
  });
  const labels = { en: t('field.en'), ru: t('field.ru'), ro: t('field.ro'), code: t('field.code'), parent_id: t('field.parent'), required_fields: t('field.fields') };
  const parents = [{ value: '', label: t('top') }, ...parentsFor(all, kind, one?.id ?? null, i18n.language)];
  const describe = (field: keyof NodeValues, value: unknown): string => {
    if (field === 'parent_id') return parents.find((option) => option.value === value)?.label ?? plain(value);
    if (field === 'required_fields') return (value as NodeValues['required_fields']).map((asked) => labelOf(asked, i18n.language)).join(', ') || '—';
    return plain(value);
  };
  return (
    <>
      <Form form={form} isNew={one === null} labels={labels} describe={describe}>
        <div className={drawer.fields}>
          <TextField form={form} name="en" label={labels.en} required focusFirst />
          <TextField form={form} name="ru" label={labels.ru} description={t('hint.language')} />
          <TextField form={form} name="ro" label={labels.ro} />
          <TextField form={form} name="code" label={labels.code} description={t('hint.code')} placeholder={codeFrom(form.values.en, taken)} />
          <SelectField form={form} name="parent_id" label={labels.parent_id} options={parents} />
          <FieldsField form={form} />
        </div>
      </Form>
      {one !== null && <ObjectHistory id={one.id} />}
    </>
  );
}

/** The server takes a node's labels together; the rest by name. */
function onlyChanged(change: Partial<NodeValues>, body: ReturnType<typeof toBody>): Partial<ReturnType<typeof toBody>> {
  const { en, ru, ro, ...rest } = change;
  const named = Object.keys(rest) as (keyof typeof rest)[];
  return {
    ...(en === undefined && ru === undefined && ro === undefined ? {} : { labels: body.labels }),
    ...Object.fromEntries(named.map((name) => [name, body[name]])),
  };
}
