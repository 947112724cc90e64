import { useTranslation } from 'react-i18next';
import { FIELDS, type QueueValues } from './queues';

export type QueueLabels = Readonly<Record<keyof QueueValues, string>>;

/** What each field is called: in the form, and where two versions are compared. */
export function useQueueLabels(): QueueLabels {
  const { t } = useTranslation('queues');
  return Object.fromEntries(FIELDS.map((field) => [field, t(`field.${field}`)])) as unknown as QueueLabels;
}
