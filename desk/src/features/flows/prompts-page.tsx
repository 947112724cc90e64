import { Button, Drawer } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useFormat } from '@/shared/i18n/format';
import { useNames, useOptions } from '@/shared/live/cards';
import { useCan } from '@/shared/session/session';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { DataTable } from '@/shared/table/data-table';
import type { Column } from '@/shared/table/types';
import { useEdit } from '@/shared/table/use-edit';
import { Tag } from '@/shared/ui/bits';
import { Loaded } from '@/shared/ui/error-view';
import { Page } from '@/shared/ui/page';
import { PromptForm } from './prompt-form';
import type { Prompt } from './prompts';

/** What flows of a project say, by name: written once, said in many places. */
export function PromptsPage() {
  const { t } = useTranslation(['flows', 'common']);
  const can = useCan();
  const edit = useEdit();
  const projects = useOptions('projects');
  const mayWrite = can('flows.write');
  useShortcut(mayWrite ? { keys: 'n', label: t('library.new'), group: 'list', run: () => edit.open('new') } : null);
  const create = mayWrite ? (
    <Button leftSection={<IconPlus size={15} aria-hidden />} onClick={() => edit.open('new')}>
      {t('library.new')}
    </Button>
  ) : undefined;
  return (
    <Page title={t('library.title')} actions={create} flush>
      <DataTable<Prompt>
        name="prompts"
        caption={t('library.title')}
        columns={useColumns()}
        filters={[{ id: 'project_id', label: t('field.project'), options: projects }]}
        rowId={(row) => row.id}
        onOpen={(row) => edit.open(row.id)}
        load={(query, signal) => call(api.GET('/api/prompts', { params: { query }, signal }))}
        empty={{ title: t('library.none'), text: t('library.noneText'), action: create }}
      />
      <Drawer opened={edit.id !== null} onClose={edit.close} size="lg" title={edit.id === 'new' ? t('library.new') : t('library.one')} closeButtonProps={{ 'aria-label': t('common:close') }}>
        {edit.id === 'new' && <PromptForm prompt={null} close={edit.close} opened={edit.open} />}
        {edit.id !== null && edit.id !== 'new' && <ExistingPrompt key={edit.id} id={edit.id} close={edit.close} opened={edit.open} />}
      </Drawer>
    </Page>
  );
}

interface ExistingProps {
  readonly id: string;
  readonly close: () => void;
  readonly opened: (id: string) => void;
}

function ExistingPrompt({ id, close, opened }: ExistingProps) {
  const query = useQuery({
    queryKey: ['prompts', 'one', id],
    queryFn: ({ signal }) => call(api.GET('/api/prompts/{prompt_id}', { params: { path: { prompt_id: id } }, signal })),
  });
  return <Loaded query={query}>{(prompt) => <PromptForm prompt={prompt} close={close} opened={opened} />}</Loaded>;
}

function useColumns(): Column<Prompt>[] {
  const { t } = useTranslation(['flows', 'common']);
  const format = useFormat();
  const project = useNames('projects');
  const languages = (row: Prompt) => [...new Set([...Object.keys(row.texts), ...row.sounds.map((one) => one.language)])];
  return [
    { id: 'name', header: t('field.promptName'), sort: 'name', cell: (row) => row.name },
    { id: 'project', header: t('field.project'), cell: (row) => project(row.project_id) },
    { id: 'text', header: t('field.text'), cell: (row) => (Object.values(row.texts)[0] ?? '').slice(0, 80) },
    {
      id: 'languages',
      header: t('field.languages'),
      cell: (row) => (
        <>
          {format.list(languages(row).map((one) => format.language(one)))}{' '}
          {row.missing.length > 0 && <Tag tone="warn">{t('library.missing', { languages: format.list(row.missing.map((one) => format.language(one))) })}</Tag>}
        </>
      ),
    },
    { id: 'sounds', header: t('library.recordings'), numeric: true, cell: (row) => format.number(row.sounds.length) },
    { id: 'changed_at', header: t('field.changedAt'), sort: 'changed_at', cell: (row) => format.dateTime(row.changed_at) },
  ];
}
