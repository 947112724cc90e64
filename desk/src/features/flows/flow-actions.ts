import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { softphone } from '@/shared/softphone/softphone';
import { download } from '@/shared/table/download';
import type { FlowRow, FlowWhole } from './flows';

type Flush = () => Promise<number | null>;

export interface FlowActions {
  readonly rename: (name: string, flush: Flush) => Promise<void>;
  readonly copy: (name: string) => Promise<void>;
  readonly toggleArchive: (flush: Flush) => Promise<void>;
  /** The phone of this page calls the draft, as a client would. */
  readonly testCall: (flush: Flush) => Promise<void>;
  readonly download: () => void;
}

/** What is done with a flow as a whole. `flush` brings the draft to the server first and tells the version that then stands. */
export function useFlowActions(flow: Pick<FlowRow, 'id' | 'name' | 'archived_at' | 'version'>): FlowActions {
  const { t } = useTranslation(['flows', 'common']);
  const client = useQueryClient();
  const navigate = useNavigate();
  const keep = (fresh: FlowWhole) => {
    client.setQueryData(['flows', 'one', fresh.id], fresh);
    void client.invalidateQueries({ queryKey: ['flows', 'list'] });
  };
  const params = (version: number | null) => ({ path: { flow_id: flow.id }, header: ifMatch(version ?? flow.version) });
  return {
    async rename(name, flush) {
      const version = await flush();
      keep(await call(api.PATCH('/api/flows/{flow_id}', { params: params(version), body: { name } })));
    },
    async copy(name) {
      const made = await call(api.POST('/api/flows/{flow_id}/copy', { params: { path: { flow_id: flow.id } }, body: { name } }));
      keep(made);
      await navigate({ to: '/flows/$id', params: { id: made.id } });
    },
    async toggleArchive(flush) {
      try {
        const version = await flush();
        const fresh =
          flow.archived_at === null
            ? await call(api.POST('/api/flows/{flow_id}/archive', { params: params(version) }))
            : await call(api.POST('/api/flows/{flow_id}/restore', { params: params(version) }));
        keep(fresh);
        toast.done(t('common:saved'));
      } catch (error) {
        toast.error(errorText(error));
      }
    },
    async testCall(flush) {
      try {
        if ((await flush()) === null) throw new Error('unsaved');
        const made = await call(api.POST('/api/flows/{flow_id}/test-call', { params: { path: { flow_id: flow.id } } }));
        softphone.get().dial(made.target);
      } catch (error) {
        toast.error(errorText(error));
      }
    },
    download() {
      download(`/api/flows/${flow.id}/file`, {}, `${flow.name}.flow.json`).catch((error: unknown) => toast.error(errorText(error)));
    },
  };
}
