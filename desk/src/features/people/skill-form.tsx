import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import type { Skill } from '@/shared/api/types';
import { TextField } from '@/shared/form/fields';
import { NoteField } from '@/shared/form/note-field';
import { Form } from '@/shared/form/form';
import { RemoveButton } from '@/shared/form/remove-button';
import { useForm } from '@/shared/form/use-form';
import { toast } from '@/shared/feedback/toasts';
import { useCan } from '@/shared/session/session';
import drawer from '@/shared/ui/drawer.module.css';

interface SkillValues {
  name: string;
  note: string;
}

const toValues = (skill: Skill): SkillValues => ({ name: skill.name, note: skill.note });

export function SkillForm({ skill, close }: { readonly skill: Skill | null; readonly close: () => void }) {
  const { t } = useTranslation(['people', 'common']);
  const can = useCan();
  const client = useQueryClient();
  const form = useForm<SkillValues>({
    name: `skill.${skill?.id ?? 'new'}`,
    initial: skill === null ? { name: '', note: '' } : toValues(skill),
    version: skill?.version ?? null,
    readOnly: !can('skills.write'),
    save: async (change, all, version) => {
      const saved =
        skill === null
          ? await call(api.POST('/api/skills', { body: all }))
          : await call(
              api.PATCH('/api/skills/{skill_id}', {
                params: { path: { skill_id: skill.id }, header: ifMatch(version ?? 0) },
                body: change,
              }),
            );
      return { values: toValues(saved), version: saved.version };
    },
    read: (current) => {
      const fresh = current as unknown as Skill;
      return { values: toValues(fresh), version: fresh.version };
    },
    onSaved: () => {
      void client.invalidateQueries({ queryKey: ['skills'] });
      toast.done(t('common:saved'));
      close();
    },
  });
  const labels = { name: t('field.title'), note: t('field.note') };
  return (
    <Form
      form={form}
      isNew={skill === null}
      labels={labels}
      extra={
        skill !== null &&
        !form.readOnly && (
          <RemoveButton
            what={skill.name}
            remove={() => call(api.DELETE('/api/skills/{skill_id}', { params: { path: { skill_id: skill.id }, header: ifMatch(skill.version) } }))}
            onDone={() => {
              void client.invalidateQueries({ queryKey: ['skills'] });
              close();
            }}
          />
        )
      }
    >
      <div className={drawer.fields}>
        <TextField form={form} name="name" label={labels.name} required focusFirst />
        <NoteField form={form} name="note" label={labels.note} />
      </div>
    </Form>
  );
}
