import i18next from 'i18next';
import { useTranslation } from 'react-i18next';

type Loose = (key: string) => string;

/** What an action of the audit trail is called; one that this desk has no words for keeps its code. */
export function useActionName(): (action: string) => string {
  const { t } = useTranslation();
  return (action) => (i18next.exists(`common:action.${action}`) ? (t as unknown as Loose)(`action.${action}`) : action);
}
