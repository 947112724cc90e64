import { Textarea } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import { toast } from '@/shared/feedback/toasts';
import { SelectField, TextField } from '@/shared/form/fields';
import { Form } from '@/shared/form/form';
import { NoteField } from '@/shared/form/note-field';
import { RemoveButton } from '@/shared/form/remove-button';
import { plain } from '@/shared/form/plain';
import { useForm, type FormApi } from '@/shared/form/use-form';
import { useFormat } from '@/shared/i18n/format';
import { useOptions } from '@/shared/live/cards';
import { useCan, useProject, useSession } from '@/shared/session/session';
import drawer from '@/shared/ui/drawer.module.css';
import { useListen } from './listen';
import { ListenButton } from './listen-button';
import { PromptSounds } from './prompt-sounds';
import type { Prompt } from './prompts';
import classes from './flows.module.css';

interface PromptValues {
  project_id: string | null;
  name: string;
  note: string;
  texts: Record<string, string>;
  replaces: string | null;
}

const MAX_TEXT = 1000; // characters, as the server has it

const withoutProject = (change: Partial<PromptValues>) => Object.fromEntries(Object.entries(change).filter(([field]) => field !== 'project_id')) as Omit<Partial<PromptValues>, 'project_id'>;

const toValues = (prompt: Prompt): PromptValues => ({ project_id: prompt.project_id, name: prompt.name, note: prompt.note, texts: prompt.texts, replaces: prompt.replaces });

interface PromptFormProps {
  readonly prompt: Prompt | null;
  readonly close: () => void;
  readonly opened: (id: string) => void;
}

export function PromptForm({ prompt, close, opened }: PromptFormProps) {
  const { t, i18n } = useTranslation(['flows', 'common']);
  const can = useCan();
  const client = useQueryClient();
  const project = useProject();
  const languages = useProjectLanguages(prompt?.project_id ?? null);
  const projects = useOptions('projects');
  const format = useFormat();
  const refresh = () => client.invalidateQueries({ queryKey: ['prompts'] });
  const form = useForm<PromptValues>({
    name: `prompt.${prompt?.id ?? 'new'}`,
    initial: prompt === null ? { project_id: project, name: '', note: '', texts: {}, replaces: null } : toValues(prompt),
    version: prompt?.version ?? null,
    readOnly: !can('flows.write'),
    save: async (change, all, version) => {
      const saved =
        prompt === null
          ? await call(api.POST('/api/prompts', { body: { ...all, project_id: all.project_id ?? '' } }))
          : await call(api.PATCH('/api/prompts/{prompt_id}', { params: { path: { prompt_id: prompt.id }, header: ifMatch(version ?? 0) }, body: withoutProject(change) }));
      return { id: saved.id, values: toValues(saved), version: saved.version };
    },
    read: (current) => {
      const fresh = current as unknown as Prompt;
      return { values: toValues(fresh), version: fresh.version };
    },
    onSaved: (saved) => {
      void refresh();
      toast.done(t('common:saved'));
      // A new prompt stays open: a recording may be put to it now.
      if (prompt === null && saved.id !== undefined) opened(saved.id);
    },
  });
  const { data: sentences } = useQuery({ queryKey: ['prompts', 'sentences'], queryFn: ({ signal }) => call(api.GET('/api/prompts/sentences', { signal })), staleTime: Infinity });
  const labels = { project_id: t('field.project'), name: t('field.promptName'), note: t('field.note'), texts: t('field.texts'), replaces: t('library.replaces') };
  const replaceable = (sentences ?? []).filter((one) => one.replaceable).map((one) => ({ value: one.name, label: one.texts[i18n.language] ?? one.texts.en ?? one.name }));
  const describe = (field: string, value: unknown): string =>
    field === 'texts' ? Object.entries(value as Record<string, string>).map(([language, text]) => `${format.language(language)}: ${text}`).join('\n') : plain(value);
  return (
    <Form
      form={form}
      isNew={prompt === null}
      labels={labels}
      describe={describe}
      extra={
        prompt !== null &&
        !form.readOnly && (
          <RemoveButton
            what={prompt.name}
            remove={() => call(api.DELETE('/api/prompts/{prompt_id}', { params: { path: { prompt_id: prompt.id }, header: ifMatch(prompt.version) } }))}
            onDone={() => {
              void refresh();
              close();
            }}
          />
        )
      }
    >
      <div className={drawer.fields}>
        {prompt === null && <SelectField form={form} name="project_id" label={labels.project_id} options={projects} required />}
        <TextField form={form} name="name" label={labels.name} required focusFirst={prompt === null} />
        <Texts form={form} />
        {prompt !== null && <PromptSounds prompt={prompt} languages={languages} readOnly={form.readOnly} busy={form.dirty} />}
        <SelectField form={form} name="replaces" label={labels.replaces} description={t('library.replacesText')} options={replaceable} clearable />
        <NoteField form={form} name="note" label={labels.note} />
      </div>
    </Form>
  );
}

function useProjectLanguages(id: string | null): readonly string[] {
  const { projects } = useSession();
  const known = projects.find((one) => one.id === id);
  const { data } = useQuery({
    queryKey: ['projects', 'one', id],
    queryFn: ({ signal }) => call(api.GET('/api/projects/{project_id}', { params: { path: { project_id: id ?? '' } }, signal })),
    enabled: id !== null && known !== undefined,
  });
  return data?.languages ?? [];
}

/** The text in each language of the project, and how a voice says it. */
function Texts({ form }: { readonly form: FormApi<PromptValues> }) {
  const format = useFormat();
  const { playing, listen } = useListen();
  const { texts } = form.values;
  const own = useProjectLanguages(form.values.project_id);
  const languages = [...own, ...Object.keys(texts).filter((one) => !own.includes(one))];
  return languages.map((language) => {
    const text = texts[language] ?? '';
    return (
      <div key={language} className={classes.withListen}>
        <Textarea
          label={format.language(language)}
          lang={language}
          rows={3}
          maxLength={MAX_TEXT}
          disabled={form.readOnly}
          value={text}
          onChange={(event) => {
            const rest = Object.fromEntries(Object.entries(texts).filter(([one]) => one !== language));
            form.set('texts', event.currentTarget.value === '' ? rest : { ...rest, [language]: event.currentTarget.value });
          }}
        />
        {text.trim() !== '' && <ListenButton language={language} playing={playing === language} onClick={() => listen([{ text, language }], language)} />}
      </div>
    );
  });
}
