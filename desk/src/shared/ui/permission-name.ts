import i18next from 'i18next';
import { useTranslation } from 'react-i18next';

type Loose = (key: string) => string;

/** What a permission is called; one that this desk has no words for keeps its code. */
export function usePermissionName(): (permission: string) => string {
  const { t } = useTranslation();
  return (permission) => (i18next.exists(`common:permission.${permission}`) ? (t as unknown as Loose)(`permission.${permission}`) : permission);
}
