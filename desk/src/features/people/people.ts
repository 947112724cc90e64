import type { Employee } from '@/shared/api/types';

export const ROLES = ['operator', 'senior', 'supervisor', 'quality', 'planner', 'personnel', 'manager', 'administrator', 'client'] as const;
export const CEFR = ['A1', 'A2', 'B1', 'B2', 'C1', 'C2'] as const;

/** As lists are sorted: family name first. */
export function personName(person: Pick<Employee, 'given_name' | 'family_name'> & { patronymic?: string }): string {
  return [person.family_name, person.given_name, person.patronymic].filter((part) => part !== undefined && part !== '').join(' ');
}

/** What the form works on. Masked fields are null until somebody types a new value: null is not sent. */
export interface EmployeeValues {
  login: string;
  given_name: string;
  family_name: string;
  patronymic: string;
  number: string;
  phone: string | null;
  email: string | null;
  language: Employee['language'];
  time_zone: string;
  languages: Employee['languages'];
  skills: Employee['skills'];
  team_id: string | null;
  superior_id: string | null;
  deputy_id: string | null;
  roles: Employee['roles'];
  project_ids: string[];
  hired_on: string | null;
  password: string;
}

export function toValues(employee: Employee): EmployeeValues {
  const { login, given_name, family_name, patronymic, number, language, time_zone } = employee;
  const { languages, skills, team_id, superior_id, deputy_id, roles, project_ids, hired_on } = employee;
  return {
    login, given_name, family_name, patronymic, number, language, time_zone,
    languages, skills, team_id, superior_id, deputy_id, roles, project_ids, hired_on,
    phone: null, email: null, password: '',
  };
}

export function newEmployee(language: EmployeeValues['language'], timeZone: string): EmployeeValues {
  return {
    login: '', given_name: '', family_name: '', patronymic: '', number: '', language, time_zone: timeZone,
    languages: [], skills: [], team_id: null, superior_id: null, deputy_id: null, roles: ['operator'], project_ids: [], hired_on: null,
    phone: '', email: '', password: '',
  };
}
