import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import type { Company } from '@/shared/api/types';
import { useFormat } from '@/shared/i18n/format';
import { useCards, useWatch } from '@/shared/live/live';
import { useCan } from '@/shared/session/session';
import { Loaded } from '@/shared/ui/error-view';
import { ObjectHistory } from '@/shared/ui/history';
import { Page, Panel } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { ArchivePanel } from './archive-panel';
import { ArchivedTag } from './archive-state';
import { CompanyForm } from './company-form';

export function CompanyPage() {
  const { t } = useTranslation(['projects', 'common']);
  const { id } = useParams({ strict: false });
  if (id === 'new') {
    return (
      <Page title={t('company.new')} crumb={<Link to="/companies">{t('companies')}</Link>}>
        <div className={ui.narrow}>
          <CompanyForm company={null} />
        </div>
      </Page>
    );
  }
  return <ExistingCompany key={id} id={id ?? ''} />;
}

function ExistingCompany({ id }: { readonly id: string }) {
  const { t } = useTranslation(['projects', 'common']);
  const can = useCan();
  useWatch('companies');
  const query = useQuery({
    queryKey: ['companies', 'one', id],
    queryFn: ({ signal }) => call(api.GET('/api/companies/{company_id}', { params: { path: { company_id: id } }, signal })),
  });
  const params = (version: number) => ({ path: { company_id: id }, header: ifMatch(version) });
  return (
    <Page
      title={query.data?.name ?? t('company.one')}
      crumb={<Link to="/companies">{t('companies')}</Link>}
      beside={query.data === undefined ? undefined : <ArchivedTag at={query.data.archived_at} />}
    >
      <Loaded query={query}>
        {(company) => (
          <div className={ui.columns}>
            <CompanyForm company={company} />
            <aside>
              <CompanyProjects company={company} />
              {can('companies.write') && (
                <ArchivePanel
                  thing={company}
                  topic="companies"
                  text={t('company.archiveText')}
                  archive={(version) => call(api.POST('/api/companies/{company_id}/archive', { params: params(version) }))}
                  restore={(version) => call(api.POST('/api/companies/{company_id}/restore', { params: params(version) }))}
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

function CompanyProjects({ company }: { readonly company: Company }) {
  const { t } = useTranslation(['projects', 'common']);
  const can = useCan();
  const format = useFormat();
  const cards = useCards('projects');
  const mine = [...cards.values()].filter((one) => one.company_id === company.id && one.archived_at == null).sort((a, b) => format.compare(a.name, b.name));
  return (
    <Panel title={t('projects')}>
      {mine.length === 0 && <p className={ui.muted}>{t('company.noProjects')}</p>}
      <ul>
        {mine.map((project) => (
          <li key={project.id} className={ui.historyRow}>
            <Link to="/projects/$id" params={{ id: project.id }}>
              {project.name}
            </Link>
          </li>
        ))}
      </ul>
      {can('projects.write') && company.archived_at === null && (
        <Button component={Link} to="/projects/new" search={{ company_id: company.id } as never} variant="default" fullWidth mt="sm">
          {t('project.new')}
        </Button>
      )}
    </Panel>
  );
}
