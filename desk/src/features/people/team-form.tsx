import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { plain } from '@/shared/form/plain';
import { api, call, ifMatch } from '@/shared/api/http';
import type { Team } from '@/shared/api/types';
import { SelectField, TextField } from '@/shared/form/fields';
import { NoteField } from '@/shared/form/note-field';
import { Form } from '@/shared/form/form';
import { RemoveButton } from '@/shared/form/remove-button';
import { useForm } from '@/shared/form/use-form';
import { toast } from '@/shared/feedback/toasts';
import { useNames, useOptions } from '@/shared/live/cards';
import { useCan } from '@/shared/session/session';
import drawer from '@/shared/ui/drawer.module.css';

interface TeamValues {
  name: string;
  lead_id: string | null;
  note: string;
}

const toValues = (team: Team): TeamValues => ({ name: team.name, lead_id: team.lead_id, note: team.note });

export function TeamForm({ team, close }: { readonly team: Team | null; readonly close: () => void }) {
  const { t } = useTranslation(['people', 'common']);
  const can = useCan();
  const client = useQueryClient();
  const people = useOptions('employees', { keep: [team?.lead_id] });
  const names = useNames('employees');
  const form = useForm<TeamValues>({
    name: `team.${team?.id ?? 'new'}`,
    initial: team === null ? { name: '', lead_id: null, note: '' } : toValues(team),
    version: team?.version ?? null,
    readOnly: !can('teams.write'),
    save: async (change, all, version) => {
      const saved =
        team === null
          ? await call(api.POST('/api/teams', { body: all }))
          : await call(
              api.PATCH('/api/teams/{team_id}', {
                params: { path: { team_id: team.id }, header: ifMatch(version ?? 0) },
                body: change,
              }),
            );
      return { values: toValues(saved), version: saved.version };
    },
    read: (current) => {
      const fresh = current as unknown as Team;
      return { values: toValues(fresh), version: fresh.version };
    },
    onSaved: () => {
      void client.invalidateQueries({ queryKey: ['teams'] });
      toast.done(t('common:saved'));
      close();
    },
  });
  const labels = { name: t('field.title'), lead_id: t('field.lead'), note: t('field.note') };
  return (
    <Form
      form={form}
      isNew={team === null}
      labels={labels}
      describe={(field, value) => (field === 'lead_id' ? names(value as string | null) || '—' : plain(value))}
      extra={
        team !== null &&
        !form.readOnly && (
          <RemoveButton
            what={team.name}
            remove={() => call(api.DELETE('/api/teams/{team_id}', { params: { path: { team_id: team.id }, header: ifMatch(team.version) } }))}
            onDone={() => {
              void client.invalidateQueries({ queryKey: ['teams'] });
              close();
            }}
          />
        )
      }
    >
      <div className={drawer.fields}>
        <TextField form={form} name="name" label={labels.name} required focusFirst />
        <SelectField form={form} name="lead_id" label={labels.lead_id} options={people} clearable />
        <NoteField form={form} name="note" label={labels.note} />
      </div>
    </Form>
  );
}
