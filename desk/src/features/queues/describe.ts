import { useTranslation } from 'react-i18next';
import { useNames } from '@/shared/live/cards';
import type { OverflowValue, QueueValues, SkillValue, StepValue, TargetValue } from './queues';

/** How a value is written where two versions of a queue are compared. */
export function useDescribe(): (field: keyof QueueValues, value: unknown) => string {
  const { t } = useTranslation(['queues', 'common']);
  const queue = useNames('queues');
  const skill = useNames('skills');
  const calendar = useNames('calendars');
  const project = useNames('projects');
  const yes = (value: unknown) => (value === true ? t('yes') : t('no'));
  const target = (value: TargetValue | null) => {
    if (value === null) return t('target.off');
    return [t(`target.${value.kind}`), value.kind === 'queue' ? queue(value.value) : value.value].filter((part) => part !== '').join(' ');
  };
  return (field, value) => {
    switch (field) {
      case 'strategy':
        return t(`strategy.${value as 'longest_idle'}`);
      case 'skills':
        return (value as readonly SkillValue[]).map((one) => `${skill(one.skill_id)} ${one.level}`).join(', ') || '—';
      case 'steps':
        return (value as readonly StepValue[]).map((one) => one.after).join(', ') || '—';
      case 'overflow':
        return (value as readonly OverflowValue[]).map((one) => `${one.limit} → ${target(one.to)}`).join(', ') || '—';
      case 'full':
      case 'too_long':
      case 'no_operator':
      case 'closed':
        return target(value as TargetValue | null);
      case 'calendar_id':
        return calendar(value as string | null) || '—';
      case 'project_id':
        return project(value as string | null) || '—';
      case 'serve_out':
      case 'last_operator_first':
      case 'operator_may_hang_up':
        return yes(value);
      default:
        return typeof value === 'string' && value !== '' ? value : '—';
    }
  };
}
