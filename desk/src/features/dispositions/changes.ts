import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { labelOf, type Disposition } from './tree';

/** What is done with a node beside its form. Each of it is taken back by one click, so it does not ask. */
export function useChanges(done: () => void) {
  const { t, i18n } = useTranslation(['dispositions', 'common']);
  const attempt = async <T>(work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      toast.error(errorText(error));
      return null;
    } finally {
      done();
    }
  };
  const params = (one: Disposition) => ({ path: { disposition_id: one.id }, header: ifMatch(one.version) });
  const restore = (one: Disposition) => attempt(() => call(api.POST('/api/dispositions/{disposition_id}/restore', { params: params(one) })));
  return {
    restore,
    order: (one: Disposition, ids: string[]) =>
      attempt(() => call(api.PUT('/api/dispositions/order', { body: { project_id: one.project_id, kind: one.kind, parent_id: one.parent_id, ids } }))),
    archive: async (one: Disposition) => {
      const fresh = await attempt(() => call(api.POST('/api/dispositions/{disposition_id}/archive', { params: params(one) })));
      if (fresh !== null) toast.undoable(t('archivedDone', { name: labelOf(one.labels, i18n.language) }), t('common:undo'), () => void restore(fresh));
    },
  };
}
