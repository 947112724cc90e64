import { Button, Drawer } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Team } from '@/shared/api/types';
import { useNames } from '@/shared/live/cards';
import { useCan } from '@/shared/session/session';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { DataTable } from '@/shared/table/data-table';
import type { Column } from '@/shared/table/types';
import { useEdit } from '@/shared/table/use-edit';
import { Loaded } from '@/shared/ui/error-view';
import { Page } from '@/shared/ui/page';
import { PeopleLink } from './people-link';
import { TeamForm } from './team-form';

export function TeamsPage() {
  const { t } = useTranslation(['people', 'common']);
  const can = useCan();
  const edit = useEdit();
  const lead = useNames('employees');
  const mayWrite = can('teams.write');
  useShortcut(mayWrite ? { keys: 'n', label: t('team.new'), group: 'list', run: () => edit.open('new') } : null);
  const create = mayWrite ? (
    <Button leftSection={<IconPlus size={15} aria-hidden />} onClick={() => edit.open('new')}>
      {t('team.new')}
    </Button>
  ) : undefined;
  const columns: Column<Team>[] = [
    { id: 'name', header: t('field.teamName'), sort: 'name', cell: (row) => row.name },
    { id: 'lead', header: t('field.lead'), cell: (row) => lead(row.lead_id) },
    { id: 'people', header: t('field.people'), numeric: true, cell: (row) => <PeopleLink count={row.people} search={{ team_id: row.id }} /> },
    { id: 'note', header: t('field.note'), cell: (row) => row.note },
  ];
  return (
    <Page title={t('teams')} actions={create} flush>
      <DataTable<Team>
        name="teams"
        caption={t('teams')}
        columns={columns}
        rowId={(row) => row.id}
        onOpen={(row) => edit.open(row.id)}
        load={(query, signal) => call(api.GET('/api/teams', { params: { query }, signal }))}
        exportPath="/api/teams/export"
        empty={{ title: t('team.none'), text: t('team.noneText'), action: create }}
      />
      <Drawer
        opened={edit.id !== null}
        onClose={edit.close}
        title={edit.id === 'new' ? t('team.new') : t('team.one')}
        closeButtonProps={{ 'aria-label': t('common:close') }}
      >
        {edit.id === 'new' && <TeamForm team={null} close={edit.close} />}
        {edit.id !== null && edit.id !== 'new' && <ExistingTeam key={edit.id} id={edit.id} close={edit.close} />}
      </Drawer>
    </Page>
  );
}

function ExistingTeam({ id, close }: { readonly id: string; readonly close: () => void }) {
  const query = useQuery({
    queryKey: ['teams', 'one', id],
    queryFn: ({ signal }) => call(api.GET('/api/teams/{team_id}', { params: { path: { team_id: id } }, signal })),
  });
  return <Loaded query={query}>{(team) => <TeamForm team={team} close={close} />}</Loaded>;
}
