import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import type { Column, Filter } from '@/shared/table/types';
import { State, Tag } from '@/shared/ui/bits';

interface Archivable {
  readonly archived_at: string | null;
}

export function useStateColumn<R extends Archivable>(): Column<R> {
  const { t } = useTranslation(['projects', 'common']);
  const format = useFormat();
  return {
    id: 'state',
    header: t('field.state'),
    cell: (row) =>
      row.archived_at === null ? <State tone="good">{t('state.active')}</State> : <State tone="plain">{t('state.archivedOn', { date: format.date(row.archived_at) })}</State>,
  };
}

export function useStateFilter(): Filter {
  const { t } = useTranslation(['projects', 'common']);
  return {
    id: 'state',
    label: t('field.state'),
    standard: 'active',
    options: (['active', 'archived', 'all'] as const).map((value) => ({ value, label: t(`state.${value}`) })),
  };
}

export function ArchivedTag({ at }: { readonly at: string | null }) {
  const { t } = useTranslation(['projects', 'common']);
  const format = useFormat();
  return at === null ? null : <Tag tone="warn">{t('state.archivedOn', { date: format.date(at) })}</Tag>;
}
