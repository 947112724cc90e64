import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import { ApiError, type FieldProblem } from '@/shared/api/problem';
import { toast } from '@/shared/feedback/toasts';
import { Form } from '@/shared/form/form';
import { RemoveButton } from '@/shared/form/remove-button';
import { useForm, type FormApi } from '@/shared/form/use-form';
import { useCan } from '@/shared/session/session';
import { useTableSearch } from '@/shared/table/use-list';
import { useDescribe } from './describe';
import { DemandsSection, GeneralSection, SoundsSection, ThresholdsSection } from './queue-sections';
import { useQueueLabels } from './queue-labels';
import { TABS, tabOf, toBody, toPatch, toValues, withOwnFields, type Queue, type QueueValues, type TabName } from './queues';
import { RulesSection } from './rules-section';
import { TabPanel, Tabs } from './tabs';

const NAMES = Object.keys(TABS) as TabName[];
const isTab = (value: unknown): value is TabName => NAMES.some((one) => one === value);

/** Stands beside the settings as a tab of its own and has its own "Save". */
export interface OtherTab {
  readonly name: 'operators' | 'history';
  readonly label: string;
  readonly content: ReactNode;
}

interface QueueFormProps {
  readonly queue: Queue | null;
  readonly initial: QueueValues;
  readonly others?: readonly OtherTab[];
}

interface FormSettings extends Pick<QueueFormProps, 'queue' | 'initial'> {
  /** What the server does not take, by the form's own names of fields. */
  readonly onRefused: (problems: readonly FieldProblem[]) => void;
}

function useQueueForm({ queue, initial, onRefused }: FormSettings): FormApi<QueueValues> {
  const { t } = useTranslation(['queues', 'common']);
  const can = useCan();
  const client = useQueryClient();
  const navigate = useNavigate();
  return useForm<QueueValues>({
    name: `queue.${queue?.id ?? 'new'}`,
    initial,
    version: queue?.version ?? null,
    readOnly: !can('queues.write') || queue?.archived_at != null,
    save: async (change, all, version) => {
      const sent =
        queue === null
          ? call(api.POST('/api/queues', { body: toBody(all) }))
          : call(api.PATCH('/api/queues/{queue_id}', { params: { path: { queue_id: queue.id }, header: ifMatch(version ?? 0) }, body: toPatch(change, all) }));
      const saved = await sent.catch((error: unknown) => {
        const own = withOwnFields(error);
        if (own instanceof ApiError) onRefused(own.fields);
        throw own;
      });
      client.setQueryData(['queues', 'one', saved.id], saved);
      return { values: toValues(saved), version: saved.version, id: saved.id };
    },
    read: (current) => {
      const fresh = current as unknown as Queue;
      return { values: toValues(fresh), version: fresh.version };
    },
    onSaved: (saved) => {
      void client.invalidateQueries({ queryKey: ['queues', 'list'] });
      toast.done(t('common:saved'));
      if (queue === null && saved.id !== undefined) void navigate({ to: '/queues/$id', params: { id: saved.id }, search: { tab: 'operators' } as never, replace: true });
    },
  });
}

/** Everything that a queue is told, on tabs; one "Save" for all of them. */
export function QueueForm({ queue, initial, others = [] }: QueueFormProps) {
  const { t } = useTranslation(['queues', 'common']);
  const [search] = useTableSearch();
  // A link may name a tab; going between tabs is no way out of the page, so the address stays and nobody is asked.
  const [chosen, choose] = useState<unknown>(search.tab);
  const other = others.find((one) => one.name === chosen);
  const open = other?.name ?? (isTab(chosen) ? chosen : 'general');
  const labels = useQueueLabels();
  const describe = useDescribe();
  // What was refused may stand on another tab: the first of them opens.
  const onRefused = (problems: readonly FieldProblem[]) => choose((now: unknown) => tabOf(problems, isTab(now) ? now : 'general'));
  const form = useQueueForm({ queue, initial, onRefused });
  const wrong = (tab: TabName) => TABS[tab].some((field) => form.error(field) !== null);
  const tabs = [...NAMES.map((name) => ({ name, label: t(`tab.${name}`), wrong: wrong(name) ? t('tabWrong') : null })), ...others.map(({ name, label }) => ({ name, label, wrong: null }))];
  return (
    <>
      <Tabs label={t('tabs')} tabs={tabs} open={open} choose={choose} />
      <div hidden={other !== undefined}>
        <Form form={form} isNew={queue === null} labels={labels} describe={describe} extra={queue !== null && !form.readOnly && <Archive queue={queue} />}>
          <TabPanel name="general" open={open}>
            <GeneralSection form={form} labels={labels} isNew={queue === null} />
          </TabPanel>
          <TabPanel name="demands" open={open}>
            <DemandsSection form={form} labels={labels} />
          </TabPanel>
          <TabPanel name="rules" open={open}>
            <RulesSection form={form} labels={labels} queueId={queue?.id ?? null} />
          </TabPanel>
          <TabPanel name="sounds" open={open}>
            <SoundsSection form={form} labels={labels} />
          </TabPanel>
          <TabPanel name="thresholds" open={open}>
            <ThresholdsSection form={form} labels={labels} />
          </TabPanel>
        </Form>
      </div>
      {other !== undefined && (
        <TabPanel name={other.name} open={open}>
          {other.content}
        </TabPanel>
      )}
    </>
  );
}

function Archive({ queue }: { readonly queue: Queue }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return (
    <RemoveButton
      what={queue.name}
      remove={() => call(api.DELETE('/api/queues/{queue_id}', { params: { path: { queue_id: queue.id }, header: ifMatch(queue.version) } }))}
      onDone={() => {
        void client.invalidateQueries({ queryKey: ['queues'] });
        void navigate({ to: '/queues', replace: true });
      }}
    />
  );
}
