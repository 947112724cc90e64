import { ActionIcon, Button, Popover, TextInput } from '@mantine/core';
import { IconBookmark, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { same } from '@/shared/form/merge';
import { readTableSearch, toView, type TableSearch } from './state';
import classes from './table.module.css';

interface ViewsMenuProps {
  readonly name: string;
  readonly search: TableSearch;
  readonly apply: (search: TableSearch) => void;
}

const KEY = ['me', 'views'];

export function ViewsMenu({ name, search, apply }: ViewsMenuProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [title, setTitle] = useState('');
  const views = useQuery({ queryKey: KEY, queryFn: ({ signal }) => call(api.GET('/api/me/views', { signal })), staleTime: 60_000 });
  const done = () => client.invalidateQueries({ queryKey: KEY });
  const onError = (error: unknown) => void toast.error(errorText(error));
  const save = useMutation({
    mutationFn: () => call(api.POST('/api/me/views', { body: { page: name, name: title.trim(), query: toView(search) } })),
    onSuccess: () => {
      setTitle('');
      return done();
    },
    onError,
  });
  const remove = useMutation({
    mutationFn: (id: string) => call(api.DELETE('/api/me/views/{view_id}', { params: { path: { view_id: id } } })),
    onSuccess: done,
    onError,
  });
  const mine = (views.data ?? []).filter((view) => view.page === name);
  const query = toView(search);
  const active = Object.keys(query).length === 0 ? undefined : mine.find((view) => same(view.query, query));
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" shadow="md" width={280} trapFocus returnFocus>
      <Popover.Target>
        <Button className={classes.tool} title={active?.name ?? t('table.views')} variant="subtle" color="gray" size="compact-sm" leftSection={<IconBookmark size={15} aria-hidden />} onClick={() => setOpen(!open)}>
          {active?.name ?? t('table.views')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('table.views')}>
        {mine.length === 0 && <p className={classes.hint}>{t('table.noViews')}</p>}
        <ul>
          {mine.map((view) => (
            <li key={view.id} className={classes.view}>
              <button
                type="button"
                className={classes.viewName}
                aria-current={view === active}
                onClick={() => {
                  apply(readTableSearch(view.query));
                  setOpen(false);
                }}
              >
                {view.name}
              </button>
              <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('table.removeView', { name: view.name })} onClick={() => remove.mutate(view.id)}>
                <IconTrash size={14} aria-hidden />
              </ActionIcon>
            </li>
          ))}
        </ul>
        <form
          className={classes.saveView}
          onSubmit={(event) => {
            event.preventDefault();
            if (title.trim() !== '') save.mutate();
          }}
        >
          <TextInput aria-label={t('table.viewName')} placeholder={t('table.viewName')} value={title} maxLength={60} onChange={(event) => setTitle(event.currentTarget.value)} />
          <Button type="submit" variant="default" disabled={title.trim() === ''} loading={save.isPending}>
            {t('save')}
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
