import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { plain } from '@/shared/form/plain';
import { api, call, ifMatch } from '@/shared/api/http';
import type { Posted, Project } from '@/shared/api/types';
import { toast } from '@/shared/feedback/toasts';
import { DateField, MultiField, SelectField, SwitchField, TextField } from '@/shared/form/fields';
import { Form } from '@/shared/form/form';
import { NoteField } from '@/shared/form/note-field';
import { useForm } from '@/shared/form/use-form';
import { timeZoneOptions, useLanguageOptions } from '@/shared/i18n/choices';
import { useFormat } from '@/shared/i18n/format';
import { useOptions } from '@/shared/live/cards';
import { useCan } from '@/shared/session/session';
import { Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { SERVICES, toValues, type ProjectValues } from './project-values';

interface ProjectFormProps {
  readonly id: string | null;
  readonly initial: ProjectValues;
  readonly version: number | null;
  readonly companyName?: string;
}

export function ProjectForm({ id, initial, version: loaded, companyName }: ProjectFormProps) {
  const { t } = useTranslation(['projects', 'common']);
  const can = useCan();
  const client = useQueryClient();
  const navigate = useNavigate();
  const format = useFormat();
  const form = useForm<ProjectValues>({
    name: `project.${id ?? 'new'}`,
    initial,
    version: loaded,
    readOnly: !can('projects.write'),
    save: async (change, all, version) => {
      const saved =
        id === null
          ? await call(api.POST('/api/projects', { body: all as Posted<'/api/projects'> }))
          : await call(
              api.PATCH('/api/projects/{project_id}', {
                params: { path: { project_id: id }, header: ifMatch(version ?? 0) },
                body: change,
              }),
            );
      client.setQueryData(['projects', 'one', saved.id], saved);
      return { values: toValues(saved), version: saved.version, id: saved.id };
    },
    read: (current) => {
      const fresh = current as unknown as Project;
      return { values: toValues(fresh), version: fresh.version };
    },
    onSaved: (saved) => {
      void client.invalidateQueries({ queryKey: ['projects', 'list'] });
      toast.done(t('common:saved'));
      if (id === null && saved.id !== undefined) void navigate({ to: '/projects/$id', params: { id: saved.id }, replace: true });
    },
  });
  const companies = useOptions('companies', { keep: [initial.company_id] });
  const zones = useMemo(() => timeZoneOptions(initial.time_zone), [initial.time_zone]);
  const services = SERVICES.map((value) => ({ value, label: t(`service.${value}`) }));
  const labels = {
    company_id: t('field.company'),
    name: t('field.title'),
    code: t('field.code'),
    service: t('field.service'),
    time_zone: t('field.timeZone'),
    languages: t('field.languages'),
    starts_on: t('field.startsOn'),
    ends_on: t('field.endsOn'),
    note: t('field.note'),
    operators_may_hang_up: t('field.operatorsMayHangUp'),
  };
  const describe = (field: string, value: unknown): string => {
    if (value === null || value === '') return '—';
    if (field === 'languages') return format.list((value as string[]).map((code) => format.language(code)));
    if (field === 'operators_may_hang_up') return t(value === true ? 'common:yes' : 'common:no');
    if (field === 'service') return t(`service.${value as ProjectValues['service']}`);
    if (field === 'starts_on' || field === 'ends_on') return format.date(value as string);
    return plain(value);
  };
  return (
    <Form form={form} isNew={id === null} labels={labels} describe={describe}>
      <Section title={t('section.project')} {...(companyName === undefined ? {} : { note: companyName })}>
        <div className={ui.grid}>
          {id === null && <SelectField form={form} name="company_id" label={labels.company_id} options={companies} required />}
          <TextField form={form} name="name" label={labels.name} required focusFirst={id === null} />
          <TextField form={form} name="code" label={labels.code} description={t('codeHint')} required />
          <SelectField form={form} name="service" label={labels.service} options={services} required />
          <SelectField form={form} name="time_zone" label={labels.time_zone} options={zones} required />
          <DateField form={form} name="starts_on" label={labels.starts_on} />
          <DateField form={form} name="ends_on" label={labels.ends_on} />
          <div className={ui.span}>
            <MultiField form={form} name="languages" label={labels.languages} options={useLanguageOptions()} required />
          </div>
          <SwitchField form={form} name="operators_may_hang_up" label={labels.operators_may_hang_up} description={t('hangUpHint')} />
          <div className={ui.span}>
            <NoteField form={form} name="note" label={labels.note} />
          </div>
        </div>
      </Section>
    </Form>
  );
}
