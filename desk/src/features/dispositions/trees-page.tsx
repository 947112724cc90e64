import { Drawer, Select, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useOptions } from '@/shared/live/cards';
import { useWatch } from '@/shared/live/live';
import { useProject } from '@/shared/session/session';
import { useTableSearch } from '@/shared/table/use-list';
import { Empty } from '@/shared/ui/bits';
import { Loaded } from '@/shared/ui/error-view';
import { Page, Panel } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { NodeForm } from './node-form';
import { Preview } from './preview';
import { Segments } from './segments';
import { KINDS, type Disposition, type Kind } from './tree';
import { TreeView } from './tree-view';
import classes from './dispositions.module.css';

/** Why people call, and what came of it: two trees of each project. */
export function TreesPage() {
  const { t } = useTranslation(['dispositions', 'common']);
  const [search, patch] = useTableSearch();
  const narrowed = useProject();
  const projects = useOptions('projects', { keep: [narrowed] });
  useWatch('dispositions');
  const asked = typeof search.project_id === 'string' ? search.project_id : null;
  const project = narrowed ?? asked ?? projects[0]?.value ?? null;
  const kind: Kind = search.kind === 'outcome' ? 'outcome' : 'cause';
  const archived = search.archived === 'yes';
  return (
    <Page title={t('title')}>
      <p className={classes.hint}>{t('note')}</p>
      <div className={classes.tools}>
        {narrowed === null && (
          <Select
            aria-label={t('project')}
            data={projects}
            value={project}
            allowDeselect={false}
            searchable={projects.length > 8}
            onChange={(value) => patch({ project_id: value, edit: null, under: null })}
          />
        )}
        <Segments label={t('tree')} options={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))} value={kind} onChange={(value) => patch({ kind: value === 'cause' ? null : value, edit: null, under: null })} />
        <Switch label={t('archived')} checked={archived} onChange={(event) => patch({ archived: event.currentTarget.checked ? 'yes' : null })} />
      </div>
      {project === null ? <Empty title={t('noProject')} text={t('noProjectText')} /> : <Trees key={`${project}.${kind}`} project={project} kind={kind} archived={archived} />}
    </Page>
  );
}

interface TreesProps {
  readonly project: string;
  readonly kind: Kind;
  readonly archived: boolean;
}

function Trees({ project, kind, archived }: TreesProps) {
  const { t } = useTranslation(['dispositions', 'common']);
  const [search, patch] = useTableSearch();
  const query = useQuery({
    queryKey: ['dispositions', 'trees', project],
    queryFn: ({ signal }) => call(api.GET('/api/dispositions', { params: { query: { project_id: project, archived: true } }, signal })),
  });
  const close = () => patch({ edit: null, under: null });
  const all: readonly Disposition[] = query.data ?? [];
  const shown = archived ? all : all.filter((one) => one.archived_at === null);
  const one = all.find((node) => node.id === search.edit && node.kind === kind);
  const isNew = search.edit === 'new';
  return (
    <Loaded query={query}>
      {() => (
        <div className={ui.columns}>
          <TreeView all={shown} kind={kind} edit={(id) => patch({ edit: id, under: null })} create={(parent) => patch({ edit: 'new', under: parent })} />
          <aside>
            <Panel title={t('preview.title')}>
              <Preview all={all} />
            </Panel>
          </aside>
          <Drawer opened={isNew || one !== undefined} onClose={close} size="lg" title={isNew ? t(`new.${kind}`) : t(`one.${kind}`)} closeButtonProps={{ 'aria-label': t('common:close') }}>
            {isNew && <NodeForm key="new" one={null} all={all} kind={kind} project={project} under={typeof search.under === 'string' ? search.under : null} close={close} />}
            {one !== undefined && <NodeForm key={one.id} one={one} all={all} kind={kind} project={project} under={null} close={close} />}
          </Drawer>
        </div>
      )}
    </Loaded>
  );
}
