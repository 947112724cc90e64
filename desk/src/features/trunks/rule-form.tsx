import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import type { Posted } from '@/shared/api/types';
import { toast } from '@/shared/feedback/toasts';
import { MultiField, SelectField, TextField } from '@/shared/form/fields';
import { Form } from '@/shared/form/form';
import { RemoveButton } from '@/shared/form/remove-button';
import { useForm } from '@/shared/form/use-form';
import { useCountryOptions } from '@/shared/i18n/choices';
import { useOptions } from '@/shared/live/cards';
import { useCan } from '@/shared/session/session';
import drawer from '@/shared/ui/drawer.module.css';
import ui from '@/shared/ui/ui.module.css';
import { CAPS, CAPS_OF_ALL, emptyRule, toRuleBody, toRuleValues, type RuleValues } from './rules';
import { useSubjectName } from './subject';
import type { DialRule } from './trunks';

const ROLES = ['operator', 'senior', 'supervisor', 'quality', 'planner', 'personnel', 'manager', 'administrator'] as const;
const FIELDS = ['scope', 'role', 'person_id', 'project_id', 'country', 'own_country', 'elsewhere', 'countries', 'premium', 'satellite', ...CAPS, ...CAPS_OF_ALL] as const;

interface RuleFormProps {
  readonly rule: DialRule | null;
  /** The scope of a new rule. */
  readonly scope: string;
  readonly close: () => void;
}

/** What may be dialled by somebody; a field that says nothing leaves the word to the wider scope. */
export function RuleForm({ rule, scope, close }: RuleFormProps) {
  const { t } = useTranslation(['trunks', 'common']);
  const can = useCan();
  const client = useQueryClient();
  const subject = useSubjectName();
  const refresh = () => client.invalidateQueries({ queryKey: ['dialling'] });
  const form = useForm<RuleValues>({
    name: `dialling.${rule?.id ?? `new.${scope}`}`,
    initial: rule === null ? emptyRule(scope) : toRuleValues(rule),
    version: rule?.version ?? null,
    readOnly: !can('dialling.write'),
    save: async (_change, all, version) => {
      const body = toRuleBody(all);
      const { scope: kind, role, person_id, project_id } = all;
      const saved =
        rule === null
          ? await call(api.POST('/api/dialling/rules', { body: { ...body, scope: kind, role, person_id, project_id } as Posted<'/api/dialling/rules'> }))
          : await call(
              api.PATCH('/api/dialling/rules/{rule_id}', {
                params: { path: { rule_id: rule.id }, header: ifMatch(version ?? 0) },
                body: body,
              }),
            );
      return { values: toRuleValues(saved), version: saved.version };
    },
    read: (current) => {
      const fresh = current as unknown as DialRule;
      return { values: toRuleValues(fresh), version: fresh.version };
    },
    onSaved: () => {
      void refresh();
      toast.done(t('common:saved'));
      close();
    },
  });
  const labels: Record<string, string> = Object.fromEntries(FIELDS.map((field) => [field, t(`rule.${field}`)]));
  const label = (name: (typeof FIELDS)[number]) => labels[name] ?? '';
  const { values } = form;
  const ofCentre = values.scope === 'centre';
  const said = [
    { value: '', label: ofCentre ? t('said.usual') : t('said.inherit') },
    { value: 'yes', label: t('said.yes') },
    { value: 'no', label: t('said.no') },
  ];
  const countries = useCountryOptions(values.country);
  const people = useOptions('employees', { keep: [values.person_id] });
  const projects = useOptions('projects', { keep: [values.project_id] });
  const roles = ROLES.map((value) => ({ value, label: t(`common:role.${value}`) }));
  const scopes = (['role', 'person', 'project'] as const).map((value) => ({ value, label: t(`scope.${value}`) }));
  const remove = rule !== null && !form.readOnly && (
    <RemoveButton
      what={`${t(`scope.${rule.scope}`)} ${subject(rule)}`}
      remove={() => call(api.DELETE('/api/dialling/rules/{rule_id}', { params: { path: { rule_id: rule.id }, header: ifMatch(rule.version) } }))}
      onDone={() => {
        void refresh();
        close();
      }}
    />
  );
  return (
    <Form form={form} isNew={rule === null} labels={labels} extra={remove}>
      <div className={drawer.fields}>
        {rule === null && !ofCentre && (
          <>
            <SelectField form={form} name="scope" label={label('scope')} options={scopes} />
            {values.scope === 'role' && <SelectField form={form} name="role" label={label('role')} options={roles} required />}
            {values.scope === 'person' && <SelectField form={form} name="person_id" label={label('person_id')} options={people} required />}
            {values.scope === 'project' && <SelectField form={form} name="project_id" label={label('project_id')} options={projects} required />}
          </>
        )}
        {ofCentre && <SelectField form={form} name="country" label={label('country')} options={countries} clearable />}
        <SelectField form={form} name="own_country" label={label('own_country')} options={said} />
        <SelectField form={form} name="elsewhere" label={label('elsewhere')} options={said} />
        {values.elsewhere === 'yes' && <MultiField form={form} name="countries" label={label('countries')} options={countries} />}
        <SelectField form={form} name="premium" label={label('premium')} options={said} />
        <SelectField form={form} name="satellite" label={label('satellite')} options={said} />
        <p className={ui.muted}>{t('rule.capsNote')}</p>
        {CAPS.map((name) => (
          <TextField key={name} form={form} name={name} label={label(name)} />
        ))}
        {ofCentre && CAPS_OF_ALL.map((name) => <TextField key={name} form={form} name={name} label={label(name)} />)}
      </div>
    </Form>
  );
}
