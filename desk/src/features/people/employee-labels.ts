import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { plain } from '@/shared/form/plain';
import { useFormat } from '@/shared/i18n/format';
import { useNames } from '@/shared/live/cards';
import type { EmployeeValues } from './people';

type Labels = Record<keyof EmployeeValues, string>;

export function useLabels() {
  const { t } = useTranslation(['people', 'common']);
  return useMemo(
    () => ({
      login: t('field.login'),
      given_name: t('field.givenName'),
      family_name: t('field.familyName'),
      patronymic: t('field.patronymic'),
      number: t('field.number'),
      phone: t('field.phone'),
      email: t('field.email'),
      language: t('field.deskLanguage'),
      time_zone: t('field.timeZone'),
      languages: t('field.languages'),
      skills: t('field.skills'),
      team_id: t('field.team'),
      superior_id: t('field.superior'),
      deputy_id: t('field.deputy'),
      roles: t('field.roles'),
      project_ids: t('field.projects'),
      hired_on: t('field.hiredOn'),
      password: t('field.password'),
    }),
    [t],
  ) satisfies Partial<Labels>;
}

/** Ids as names, for the comparison of two versions. */
export function useDescribe() {
  const { t } = useTranslation(['people', 'common']);
  const format = useFormat();
  const team = useNames('teams');
  const person = useNames('employees');
  const project = useNames('projects');
  const skill = useNames('skills');
  return (field: string, value: unknown): string => {
    if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return '—';
    switch (field) {
      case 'team_id':
        return team(value as string);
      case 'superior_id':
      case 'deputy_id':
        return person(value as string);
      case 'project_ids':
        return format.list((value as string[]).map(project));
      case 'roles':
        return format.list((value as EmployeeValues['roles']).map((role) => t(`common:role.${role}`)));
      case 'skills':
        return format.list((value as EmployeeValues['skills']).map((one) => `${skill(one.skill_id)} ${one.level}`));
      case 'languages':
        return format.list((value as EmployeeValues['languages']).map((one) => `${format.language(one.language)} ${one.level}`));
      case 'hired_on':
        return format.date(value as string);
      default:
        return plain(value);
    }
  };
}
