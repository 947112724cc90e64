import { Button, Drawer } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Skill } from '@/shared/api/types';
import { useCan } from '@/shared/session/session';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { DataTable } from '@/shared/table/data-table';
import type { Column } from '@/shared/table/types';
import { useEdit } from '@/shared/table/use-edit';
import { Loaded } from '@/shared/ui/error-view';
import { Page } from '@/shared/ui/page';
import { PeopleLink } from './people-link';
import { SkillForm } from './skill-form';

export function SkillsPage() {
  const { t } = useTranslation(['people', 'common']);
  const can = useCan();
  const edit = useEdit();
  const mayWrite = can('skills.write');
  useShortcut(mayWrite ? { keys: 'n', label: t('skill.new'), group: 'list', run: () => edit.open('new') } : null);
  const create = mayWrite ? (
    <Button leftSection={<IconPlus size={15} aria-hidden />} onClick={() => edit.open('new')}>
      {t('skill.new')}
    </Button>
  ) : undefined;
  const columns: Column<Skill>[] = [
    { id: 'name', header: t('field.skillName'), sort: 'name', cell: (row) => row.name },
    { id: 'people', header: t('field.people'), numeric: true, cell: (row) => <PeopleLink count={row.people} search={{ skill_id: row.id }} /> },
    { id: 'note', header: t('field.note'), cell: (row) => row.note },
  ];
  return (
    <Page title={t('skills')} actions={create} flush>
      <DataTable<Skill>
        name="skills"
        caption={t('skills')}
        columns={columns}
        rowId={(row) => row.id}
        onOpen={(row) => edit.open(row.id)}
        load={(query, signal) => call(api.GET('/api/skills', { params: { query }, signal }))}
        exportPath="/api/skills/export"
        empty={{ title: t('skill.none'), text: t('skill.noneText'), action: create }}
      />
      <Drawer
        opened={edit.id !== null}
        onClose={edit.close}
        title={edit.id === 'new' ? t('skill.new') : t('skill.one')}
        closeButtonProps={{ 'aria-label': t('common:close') }}
      >
        {edit.id === 'new' && <SkillForm skill={null} close={edit.close} />}
        {edit.id !== null && edit.id !== 'new' && <ExistingSkill key={edit.id} id={edit.id} close={edit.close} />}
      </Drawer>
    </Page>
  );
}

function ExistingSkill({ id, close }: { readonly id: string; readonly close: () => void }) {
  const query = useQuery({
    queryKey: ['skills', 'one', id],
    queryFn: ({ signal }) => call(api.GET('/api/skills/{skill_id}', { params: { path: { skill_id: id } }, signal })),
  });
  return <Loaded query={query}>{(skill) => <SkillForm skill={skill} close={close} />}</Loaded>;
}
