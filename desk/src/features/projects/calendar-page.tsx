import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useWatch } from '@/shared/live/live';
import { useSession } from '@/shared/session/session';
import type { TableSearch } from '@/shared/table/state';
import { Loaded } from '@/shared/ui/error-view';
import { Page } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { CalendarForm } from './calendar-form';
import { newCalendar, toValues } from './calendar-values';

export function CalendarPage() {
  const { t } = useTranslation(['projects', 'common']);
  const { id } = useParams({ strict: false });
  const { person } = useSession();
  const search: TableSearch = useSearch({ strict: false });
  if (id === 'new') {
    const project = typeof search.project_id === 'string' ? search.project_id : null;
    return (
      <Page title={t('calendar.new')} crumb={<Link to="/calendars">{t('calendars')}</Link>}>
        <div className={ui.narrow}>
          <CalendarForm calendar={null} fresh={newCalendar(project, person.time_zone)} />
        </div>
      </Page>
    );
  }
  return <ExistingCalendar key={id} id={id ?? ''} />;
}

function ExistingCalendar({ id }: { readonly id: string }) {
  const { t } = useTranslation(['projects', 'common']);
  useWatch('calendars');
  const query = useQuery({
    queryKey: ['calendars', 'one', id],
    queryFn: ({ signal }) => call(api.GET('/api/calendars/{calendar_id}', { params: { path: { calendar_id: id } }, signal })),
  });
  return (
    <Page title={query.data?.name ?? t('calendar.one')} crumb={<Link to="/calendars">{t('calendars')}</Link>}>
      <Loaded query={query}>{(calendar) => <CalendarForm calendar={calendar} fresh={toValues(calendar)} />}</Loaded>
    </Page>
  );
}
