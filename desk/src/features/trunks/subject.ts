import { useTranslation } from 'react-i18next';
import { useNames } from '@/shared/live/cards';
import type { DialRule } from './trunks';

type Loose = (key: string) => string;

/** Whom a rule is for, by name. */
export function useSubjectName(): (rule: DialRule) => string {
  const { t } = useTranslation();
  const person = useNames('employees');
  const project = useNames('projects');
  return (rule) => {
    if (rule.role !== null) return (t as unknown as Loose)(`role.${rule.role}`);
    return person(rule.person_id) || project(rule.project_id);
  };
}
