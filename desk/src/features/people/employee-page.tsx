import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Employee } from '@/shared/api/types';
import { useFormat } from '@/shared/i18n/format';
import { useWatch } from '@/shared/live/live';
import { useCan, useProject, useSession } from '@/shared/session/session';
import { Tag } from '@/shared/ui/bits';
import { Loaded } from '@/shared/ui/error-view';
import { ObjectHistory } from '@/shared/ui/history';
import { Page } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { EmployeeActions } from './employee-actions';
import { EmployeeForm } from './employee-form';
import { newEmployee, personName, toValues } from './people';

export function EmployeePage() {
  const { t } = useTranslation(['people', 'common']);
  const { id } = useParams({ strict: false });
  const crumb = <Link to="/employees">{t('employees')}</Link>;
  if (id === 'new') return <NewEmployee />;
  return <ExistingEmployee key={id} id={id ?? ''} crumb={crumb} />;
}

function NewEmployee() {
  const { t } = useTranslation(['people', 'common']);
  const { person } = useSession();
  return (
    <Page title={t('employee.new')} crumb={<Link to="/employees">{t('employees')}</Link>}>
      <div className={ui.narrow}>
        <EmployeeForm id={null} initial={newEmployee(person.language, person.time_zone)} version={null} readOnly={false} />
      </div>
    </Page>
  );
}

function ExistingEmployee({ id, crumb }: { readonly id: string; readonly crumb: React.ReactNode }) {
  const { t } = useTranslation(['people', 'common']);
  useWatch('employees');
  const project = useProject();
  const query = useQuery({
    queryKey: ['employees', 'one', project, id],
    queryFn: ({ signal }) => call(api.GET('/api/employees/{employee_id}', { params: { path: { employee_id: id } }, signal })),
  });
  const name = query.data === undefined ? t('employee.one') : personName(query.data) || t('employee.erasedName');
  return (
    <Page title={name} crumb={crumb} beside={query.data === undefined ? undefined : <EmployeeState employee={query.data} />}>
      <Loaded query={query}>{(employee) => <EmployeeDetail employee={employee} />}</Loaded>
    </Page>
  );
}

function EmployeeState({ employee }: { readonly employee: Employee }) {
  const { t } = useTranslation(['people', 'common']);
  const format = useFormat();
  if (employee.erased_at !== null) return <Tag tone="bad">{t('state.erasedOn', { date: format.date(employee.erased_at) })}</Tag>;
  if (employee.dismissed_at !== null) return <Tag tone="warn">{t('state.dismissedOn', { date: format.date(employee.dismissed_at) })}</Tag>;
  return null;
}

function EmployeeDetail({ employee }: { readonly employee: Employee }) {
  const can = useCan();
  const readOnly = !can('employees.write') || employee.erased_at !== null;
  return (
    <div className={ui.columns}>
      <EmployeeForm id={employee.id} employee={employee} initial={toValues(employee)} version={employee.version} readOnly={readOnly} />
      <aside>
        <EmployeeActions employee={employee} />
        <ObjectHistory id={employee.id} />
      </aside>
    </div>
  );
}
