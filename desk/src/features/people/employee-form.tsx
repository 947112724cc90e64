import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import type { Employee, Patched, Posted } from '@/shared/api/types';
import { toast } from '@/shared/feedback/toasts';
import { DateField, MultiField, PasswordField, SelectField, TextField } from '@/shared/form/fields';
import { Form } from '@/shared/form/form';
import { useForm } from '@/shared/form/use-form';
import { timeZoneOptions } from '@/shared/i18n/choices';
import { LANGUAGES, LANGUAGE_NAMES } from '@/shared/i18n';
import { useOptions } from '@/shared/live/cards';
import { useCan } from '@/shared/session/session';
import { Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { LanguagesField, SkillsField } from './level-fields';
import { MaskedField } from './masked-field';
import classes from './people.module.css';
import { ROLES, toValues, type EmployeeValues } from './people';
import { useDescribe, useLabels } from './employee-labels';

interface EmployeeFormProps {
  readonly id: string | null;
  readonly employee?: Employee;
  readonly initial: EmployeeValues;
  readonly version: number | null;
  readonly readOnly: boolean;
}

/** What the server takes: a masked field that nobody touched, and an empty password, are not sent. */
function toBody(values: Partial<EmployeeValues>): Partial<EmployeeValues> {
  return Object.fromEntries(
    Object.entries(values).filter(([field, value]) => !(value === null && (field === 'phone' || field === 'email')) && !(field === 'password' && value === '')),
  );
}

export function EmployeeForm({ id, employee, initial, version: loaded, readOnly }: EmployeeFormProps) {
  const { t } = useTranslation(['people', 'common']);
  const can = useCan();
  const client = useQueryClient();
  const navigate = useNavigate();
  const labels = useLabels();
  const describe = useDescribe();
  const read = (current: Record<string, unknown>) => {
    // The server's answer to a stale change holds the employee as it is now.
    const fresh = current as unknown as Employee;
    return { values: toValues(fresh), version: fresh.version };
  };
  const form = useForm<EmployeeValues>({
    name: `employee.${id ?? 'new'}`,
    initial,
    version: loaded,
    readOnly,
    save: async (change, all, version) => {
      const saved =
        id === null
          ? await call(api.POST('/api/employees', { body: toBody(all) as Posted<'/api/employees'> }))
          : await call(
              api.PATCH('/api/employees/{employee_id}', {
                params: { path: { employee_id: id }, header: ifMatch(version ?? 0) },
                body: toBody(change) as Patched<'/api/employees/{employee_id}'>,
              }),
            );
      client.setQueriesData({ queryKey: ['employees', 'one'], predicate: (query) => query.queryKey.includes(saved.id) }, saved);
      void client.invalidateQueries({ queryKey: ['employees', 'list'] });
      toast.done(t('common:saved'));
      return { values: toValues(saved), version: saved.version, id: saved.id };
    },
    read,
    onSaved: (saved) => {
      if (id === null && saved.id !== undefined) void navigate({ to: '/employees/$id', params: { id: saved.id }, replace: true });
    },
  });
  const teams = useOptions('teams');
  const people = useOptions('employees', { keep: [initial.superior_id, initial.deputy_id] }).filter((one) => one.value !== id);
  const projects = useOptions('projects', { keep: initial.project_ids });
  const zones = useMemo(() => timeZoneOptions(initial.time_zone), [initial.time_zone]);
  const roles = useMemo(() => ROLES.map((role) => ({ value: role, label: t(`common:role.${role}`) })), [t]);
  return (
    <Form form={form} isNew={id === null} labels={labels} describe={describe} saveLabel={id === null ? t('employee.create') : t('common:save')}>
      <Section title={t('section.person')}>
        <div className={ui.grid}>
          <TextField form={form} name="family_name" label={labels.family_name} required focusFirst={id === null} />
          <TextField form={form} name="given_name" label={labels.given_name} required />
          <TextField form={form} name="patronymic" label={labels.patronymic} />
          <TextField form={form} name="number" label={labels.number} required />
          {id === null ? (
            <>
              <TextField form={form} name="phone" label={labels.phone} type="tel" placeholder="+373 69 123 456" />
              <TextField form={form} name="email" label={labels.email} type="email" />
            </>
          ) : (
            <>
              <MaskedField form={form} name="phone" label={labels.phone} id={id} shown={employee?.phone} />
              <MaskedField form={form} name="email" label={labels.email} id={id} shown={employee?.email} />
            </>
          )}
        </div>
      </Section>
      <Section title={t('section.work')}>
        <div className={ui.grid}>
          <SelectField form={form} name="team_id" label={labels.team_id} options={teams} clearable />
          <SelectField form={form} name="superior_id" label={labels.superior_id} options={people} clearable />
          <SelectField form={form} name="deputy_id" label={labels.deputy_id} options={people} clearable />
          <DateField form={form} name="hired_on" label={labels.hired_on} />
          <div className={ui.span}>
            <MultiField form={form} name="project_ids" label={labels.project_ids} options={projects} />
          </div>
        </div>
      </Section>
      <Section title={t('section.abilities')} note={t('section.abilitiesNote')}>
        <div className={classes.abilities}>
          <SkillsField form={form} label={labels.skills} />
          <LanguagesField form={form} label={labels.languages} />
        </div>
      </Section>
      <Section title={t('section.access')} note={can('roles.assign') ? undefined : t('section.accessNote')}>
        <div className={ui.grid}>
          <TextField form={form} name="login" label={labels.login} required />
          {id === null && <PasswordField form={form} name="password" label={labels.password} description={t('passwordNote')} autoComplete="new-password" />}
          <SelectField form={form} name="language" label={labels.language} options={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))} />
          <SelectField form={form} name="time_zone" label={labels.time_zone} options={zones} />
          <div className={ui.span}>
            <MultiField form={form} name="roles" label={labels.roles} options={roles} readOnly={!can('roles.assign')} />
          </div>
        </div>
      </Section>
    </Form>
  );
}
