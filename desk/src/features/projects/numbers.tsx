import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import { ApiError } from '@/shared/api/problem';
import type { Project } from '@/shared/api/types';
import { confirm } from '@/shared/feedback/confirm';
import { toast } from '@/shared/feedback/toasts';
import { errorText, fieldText } from '@/shared/i18n/errors';
import { useCan } from '@/shared/session/session';
import { Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import classes from './projects.module.css';

/** The telephone numbers by which a project is called. */
export function Numbers({ project }: { readonly project: Project }) {
  const { t } = useTranslation(['projects', 'common']);
  const can = useCan();
  const client = useQueryClient();
  const mayWrite = can('projects.write') && project.archived_at === null;
  const refresh = () => client.invalidateQueries({ queryKey: ['projects'] });
  const remove = async (id: string, e164: string) => {
    const yes = await confirm({ title: t('number.removeTitle', { number: e164 }), text: t('number.removeText'), confirm: t('common:remove.confirm'), danger: true });
    if (!yes) return;
    try {
      const params = { path: { project_id: project.id, number_id: id }, header: ifMatch(project.version) };
      await call(api.DELETE('/api/projects/{project_id}/numbers/{number_id}', { params }));
    } catch (error) {
      toast.error(errorText(error));
    }
    await refresh();
  };
  return (
    <Section title={t('numbers')} note={t('number.note')}>
      {project.numbers.length > 0 && (
        <table className={ui.plainTable}>
          <thead>
            <tr>
              <th scope="col">{t('field.number')}</th>
              <th scope="col">{t('field.label')}</th>
              <th scope="col">
                <span className="visually-hidden">{t('common:remove.confirm')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {project.numbers.map((number) => (
              <tr key={number.id}>
                <td>{number.e164}</td>
                <td>{number.label}</td>
                <td className={ui.number}>
                  {mayWrite && (
                    <ActionIcon variant="subtle" color="gray" aria-label={t('number.remove', { number: number.e164 })} onClick={() => void remove(number.id, number.e164)}>
                      <IconTrash size={16} aria-hidden />
                    </ActionIcon>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {project.numbers.length === 0 && !mayWrite && <p className={ui.muted}>{t('number.none')}</p>}
      {mayWrite && <AddNumber project={project} onAdded={refresh} />}
    </Section>
  );
}

function AddNumber({ project, onAdded }: { readonly project: Project; readonly onAdded: () => Promise<void> }) {
  const { t } = useTranslation(['projects', 'common']);
  const [number, setNumber] = useState('');
  const [label, setLabel] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await call(api.POST('/api/projects/{project_id}/numbers', { params: { path: { project_id: project.id } }, body: { number, label } }));
      setNumber('');
      setLabel('');
      await onAdded();
    } catch (error) {
      const [field] = error instanceof ApiError ? error.fields : [];
      setProblem(field === undefined ? errorText(error) : fieldText(field));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={classes.addNumber} onSubmit={(event) => void submit(event)}>
      <TextInput
        label={t('field.number')}
        type="tel"
        autoComplete="off"
        placeholder="022 123 456"
        error={problem}
        value={number}
        onChange={(event) => setNumber(event.currentTarget.value)}
      />
      <TextInput label={t('field.label')} autoComplete="off" value={label} onChange={(event) => setLabel(event.currentTarget.value)} />
      <Button type="submit" variant="default" loading={busy} disabled={number.trim() === ''}>
        {t('number.add')}
      </Button>
    </form>
  );
}
