import type { Project } from '@/shared/api/types';

export const SERVICES = ['telesales', 'orders', 'help_desk', 'surveys', 'general'] as const;

export interface ProjectValues {
  company_id: string | null;
  name: string;
  code: string;
  service: Project['service'];
  time_zone: string;
  languages: string[];
  starts_on: string | null;
  ends_on: string | null;
  note: string;
  operators_may_hang_up: boolean;
}

export function toValues(project: Project): ProjectValues {
  const { company_id, name, code, service, time_zone, languages, starts_on, ends_on, note, operators_may_hang_up } = project;
  return { company_id, name, code, service, time_zone, languages, starts_on, ends_on, note, operators_may_hang_up };
}

export function newProject(companyId: string | null, timeZone: string): ProjectValues {
  return { company_id: companyId, name: '', code: '', service: 'general', time_zone: timeZone, languages: [], starts_on: null, ends_on: null, note: '', operators_may_hang_up: true };
}
