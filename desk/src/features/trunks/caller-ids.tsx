import { ActionIcon, Button, Select } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useNames, useOptions } from '@/shared/live/cards';
import { useCan } from '@/shared/session/session';
import { Loaded } from '@/shared/ui/error-view';
import { Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import classes from './trunks.module.css';

/** Which of its numbers a project shows to those it calls. */
export function CallerIds() {
  const { t } = useTranslation('trunks');
  const can = useCan();
  const client = useQueryClient();
  const project = useNames('projects');
  const trunk = useNames('trunks');
  const mayWrite = can('dialling.write');
  const query = useQuery({ queryKey: ['dialling', 'caller-ids'], queryFn: ({ signal }) => call(api.GET('/api/dialling/caller-ids', { signal })) });
  const refresh = () => client.invalidateQueries({ queryKey: ['dialling'] });
  const remove = async (id: string) => {
    try {
      await call(api.DELETE('/api/dialling/caller-ids/{caller_id}', { params: { path: { caller_id: id } } }));
    } catch (error) {
      toast.error(errorText(error));
    }
    await refresh();
  };
  return (
    <Section title={t('callerId.title')} note={t('callerId.note')}>
      <Loaded query={query}>
        {(rows) =>
          rows.length === 0 ? (
            <p className={ui.muted}>{t('callerId.none')}</p>
          ) : (
            <table className={ui.plainTable}>
              <thead>
                <tr>
                  <th scope="col">{t('callerId.project')}</th>
                  <th scope="col">{t('callerId.number')}</th>
                  <th scope="col">{t('callerId.trunk')}</th>
                  <th scope="col">
                    <span className="visually-hidden">{t('callerId.remove')}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={row.id}>
                    <td>{project(row.project_id)}</td>
                    <td>{row.e164}</td>
                    <td>{row.trunk_id === null ? t('callerId.all') : trunk(row.trunk_id)}</td>
                    <td className={ui.number}>
                      {mayWrite && (
                        <ActionIcon variant="subtle" color="gray" aria-label={`${t('callerId.remove')}: ${row.e164}`} onClick={() => void remove(row.id)}>
                          <IconTrash size={16} aria-hidden />
                        </ActionIcon>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
      {mayWrite && <AddCallerId onAdded={refresh} />}
    </Section>
  );
}

function AddCallerId({ onAdded }: { readonly onAdded: () => Promise<void> }) {
  const { t } = useTranslation(['trunks', 'common']);
  const [project, setProject] = useState<string | null>(null);
  const [number, setNumber] = useState<string | null>(null);
  const [trunk, setTrunk] = useState<string | null>(null);
  const projects = useOptions('projects');
  const trunks = useOptions('trunks');
  const numbers = useQuery({
    queryKey: ['projects', 'numbers', project],
    queryFn: ({ signal }) => call(api.GET('/api/projects/{project_id}/numbers', { params: { path: { project_id: project ?? '' } }, signal })),
    enabled: project !== null,
  });
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (project === null || number === null) return;
    try {
      await call(api.POST('/api/dialling/caller-ids', { body: { project_id: project, number_id: number, trunk_id: trunk } }));
      setNumber(null);
      await onAdded();
    } catch (error) {
      toast.error(errorText(error));
    }
  };
  const choice = { searchable: true, nothingFoundMessage: t('common:table.noOption'), limit: 100 } as const;
  return (
    <form className={classes.tester} onSubmit={(event) => void submit(event)}>
      <Select
        label={t('callerId.project')}
        data={projects}
        {...choice}
        value={project}
        onChange={(value) => {
          setProject(value);
          setNumber(null);
        }}
      />
      <Select
        label={t('callerId.number')}
        data={(numbers.data ?? []).map((one) => ({ value: one.id, label: one.label === '' ? one.e164 : `${one.e164} · ${one.label}` }))}
        {...choice}
        disabled={project === null}
        value={number}
        onChange={setNumber}
      />
      <Select
        label={t('callerId.trunk')}
        placeholder={t('callerId.all')}
        data={trunks}
        {...choice}
        clearable
        clearButtonProps={{ 'aria-label': t('common:table.clear', { name: t('callerId.trunk') }) }}
        value={trunk}
        onChange={setTrunk}
      />
      <Button type="submit" variant="default" disabled={project === null || number === null}>
        {t('callerId.add')}
      </Button>
    </form>
  );
}
