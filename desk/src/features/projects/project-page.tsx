import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import { useFormat } from '@/shared/i18n/format';
import { useCards, useWatch } from '@/shared/live/live';
import { useCan, useSession } from '@/shared/session/session';
import type { TableSearch } from '@/shared/table/state';
import { Loaded } from '@/shared/ui/error-view';
import { ObjectHistory } from '@/shared/ui/history';
import { Page, Panel } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { ArchivePanel } from './archive-panel';
import { ArchivedTag } from './archive-state';
import { Numbers } from './numbers';
import { ProjectForm } from './project-form';
import { newProject, toValues } from './project-values';

export function ProjectPage() {
  const { t } = useTranslation(['projects', 'common']);
  const { id } = useParams({ strict: false });
  const { person } = useSession();
  const search: TableSearch = useSearch({ strict: false });
  if (id === 'new') {
    const company = typeof search.company_id === 'string' ? search.company_id : null;
    return (
      <Page title={t('project.new')} crumb={<Link to="/projects">{t('projects')}</Link>}>
        <div className={ui.narrow}>
          <ProjectForm id={null} initial={newProject(company, person.time_zone)} version={null} />
        </div>
      </Page>
    );
  }
  return <ExistingProject key={id} id={id ?? ''} />;
}

function ExistingProject({ id }: { readonly id: string }) {
  const { t } = useTranslation(['projects', 'common']);
  const can = useCan();
  useWatch('projects');
  const query = useQuery({
    queryKey: ['projects', 'one', id],
    queryFn: ({ signal }) => call(api.GET('/api/projects/{project_id}', { params: { path: { project_id: id } }, signal })),
  });
  const params = (version: number) => ({ path: { project_id: id }, header: ifMatch(version) });
  return (
    <Page
      title={query.data?.name ?? t('project.one')}
      crumb={<Link to="/projects">{t('projects')}</Link>}
      beside={query.data === undefined ? undefined : <ArchivedTag at={query.data.archived_at} />}
    >
      <Loaded query={query}>
        {(project) => (
          <div className={ui.columns}>
            <div>
              <ProjectForm id={id} initial={toValues(project)} version={project.version} companyName={project.company_name} />
              <Numbers project={project} />
            </div>
            <aside>
              <ProjectCalendars id={id} />
              {can('projects.write') && (
                <ArchivePanel
                  thing={project}
                  topic="projects"
                  text={t('project.archiveText')}
                  archive={(version) => call(api.POST('/api/projects/{project_id}/archive', { params: params(version) }))}
                  restore={(version) => call(api.POST('/api/projects/{project_id}/restore', { params: params(version) }))}
                />
              )}
              <ObjectHistory id={id} />
            </aside>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function ProjectCalendars({ id }: { readonly id: string }) {
  const { t } = useTranslation(['projects', 'common']);
  const can = useCan();
  const format = useFormat();
  const cards = useCards('calendars');
  const mine = [...cards.values()].filter((one) => one.project_id === id).sort((a, b) => format.compare(a.name, b.name));
  return (
    <Panel title={t('calendars')}>
      {mine.length === 0 && <p className={ui.muted}>{t('project.noCalendars')}</p>}
      <ul>
        {mine.map((calendar) => (
          <li key={calendar.id} className={ui.historyRow}>
            <Link to="/calendars/$id" params={{ id: calendar.id }}>
              {calendar.name}
            </Link>
          </li>
        ))}
      </ul>
      {can('calendars.write') && (
        <p>
          <Link to="/calendars/$id" params={{ id: 'new' }} search={{ project_id: id }}>
            {t('calendar.new')}
          </Link>
        </p>
      )}
    </Panel>
  );
}
