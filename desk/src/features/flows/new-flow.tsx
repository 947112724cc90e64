import { Button, FileButton, Select, TextInput } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type SyntheticEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { ApiError } from '@/shared/api/problem';
import type { Posted } from '@/shared/api/types';
import { errorText, fieldText } from '@/shared/i18n/errors';
import { useOptions } from '@/shared/live/cards';
import { useProject } from '@/shared/session/session';
import classes from './flows.module.css';

type FlowFile = Posted<'/api/flows/import'>['file'];
const MAX_FILE = 2_000_000; // bytes; a flow with all its texts has a tenth of it

/** A new flow: empty, or out of a file that another flow was written to. */
export function NewFlow() {
  const { t } = useTranslation('flows');
  const client = useQueryClient();
  const navigate = useNavigate();
  const current = useProject();
  const projects = useOptions('projects');
  const [project, setProject] = useState<string | null>(current);
  const [name, setName] = useState('');
  const [file, setFile] = useState<FlowFile | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const chosen = project ?? (projects.length === 1 ? (projects[0]?.value ?? null) : null);

  const read = async (source: File | null) => {
    if (source === null) return;
    setProblem(null);
    try {
      if (source.size > MAX_FILE) throw new Error('too large');
      // The server looks at every part of it.
      const parsed = JSON.parse(await source.text()) as FlowFile;
      setFile(parsed);
      if (name === '') setName(parsed.name);
    } catch {
      setFile(null);
      setProblem(t('import.wrong'));
    }
  };
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (chosen === null) return;
    setBusy(true);
    setProblem(null);
    try {
      const made =
        file === null
          ? await call(api.POST('/api/flows', { body: { project_id: chosen, name, note: '' } }))
          : await call(api.POST('/api/flows/import', { body: { project_id: chosen, name, file } }));
      client.setQueryData(['flows', 'one', made.id], made);
      void client.invalidateQueries({ queryKey: ['flows', 'list'] });
      await navigate({ to: '/flows/$id', params: { id: made.id } });
    } catch (error) {
      const [field] = error instanceof ApiError ? error.fields : [];
      setProblem(field === undefined ? errorText(error) : fieldText(field));
      setBusy(false);
    }
  };
  return (
    <form className={classes.stack} onSubmit={(event) => void submit(event)}>
      <Select label={t('field.project')} data={projects} searchable required withAsterisk allowDeselect={false} value={chosen} onChange={setProject} />
      <TextInput data-autofocus label={t('field.flowName')} required withAsterisk maxLength={120} autoComplete="off" error={problem} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <div className={classes.buttons}>
        <FileButton accept="application/json,.json" onChange={(source) => void read(source)}>
          {(props) => (
            <Button {...props} variant="default" size="compact-sm" leftSection={<IconFileImport size={14} aria-hidden />}>
              {t('import.choose')}
            </Button>
          )}
        </FileButton>
        {file !== null && <span role="status">{t('import.chosen', { name: file.name })}</span>}
      </div>
      <Button type="submit" loading={busy} disabled={chosen === null || name.trim() === ''}>
        {t(file === null ? 'create' : 'import.run')}
      </Button>
    </form>
  );
}
