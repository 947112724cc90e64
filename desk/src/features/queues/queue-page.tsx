import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useFormat } from '@/shared/i18n/format';
import { useNames } from '@/shared/live/cards';
import { useWatch } from '@/shared/live/live';
import { useCan, useProject, useSession } from '@/shared/session/session';
import { Notice } from '@/shared/ui/bits';
import { Loaded } from '@/shared/ui/error-view';
import { ObjectHistory } from '@/shared/ui/history';
import { Page } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { Members } from './members';
import { QueueForm, type OtherTab } from './queue-form';
import { newQueue, toValues, type Queue } from './queues';

export function QueuePage() {
  const { t } = useTranslation(['queues', 'common']);
  const { id } = useParams({ strict: false });
  const { projects } = useSession();
  const project = useProject();
  if (id === 'new') {
    const only = projects.length === 1 ? (projects[0]?.id ?? null) : null;
    return (
      <Page title={t('new')} crumb={<Link to="/queues">{t('title')}</Link>}>
        <div className={ui.narrow}>
          <QueueForm queue={null} initial={newQueue(project ?? only)} />
        </div>
      </Page>
    );
  }
  return <ExistingQueue key={id} id={id ?? ''} />;
}

function ExistingQueue({ id }: { readonly id: string }) {
  const { t } = useTranslation(['queues', 'common']);
  const project = useNames('projects');
  useWatch('queues');
  const query = useQuery({
    queryKey: ['queues', 'one', id],
    queryFn: ({ signal }) => call(api.GET('/api/queues/{queue_id}', { params: { path: { queue_id: id } }, signal })),
  });
  return (
    <Page title={query.data?.name ?? t('one')} crumb={<Link to="/queues">{t('title')}</Link>} beside={<span className={ui.muted}>{project(query.data?.project_id)}</span>}>
      <Loaded query={query}>{(queue) => <QueueTabs queue={queue} />}</Loaded>
    </Page>
  );
}

function QueueTabs({ queue }: { readonly queue: Queue }) {
  const { t } = useTranslation('queues');
  const format = useFormat();
  const can = useCan();
  const operators: OtherTab = { name: 'operators', label: t('tab.operators', { count: queue.operators }), content: <Members queue={queue} /> };
  const history: OtherTab = { name: 'history', label: t('tab.history'), content: <ObjectHistory id={queue.id} /> };
  return (
    <div className={ui.narrow}>
      {queue.archived_at !== null && <Notice tone="warn">{t('archived', { at: format.date(queue.archived_at) })}</Notice>}
      <QueueForm queue={queue} initial={toValues(queue)} others={can('audit.read') ? [operators, history] : [operators]} />
    </div>
  );
}
