import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import type { Calendar, Posted } from '@/shared/api/types';
import { toast } from '@/shared/feedback/toasts';
import { SelectField, SwitchField, TextField } from '@/shared/form/fields';
import { Form } from '@/shared/form/form';
import { RemoveButton } from '@/shared/form/remove-button';
import { useForm } from '@/shared/form/use-form';
import { timeZoneOptions, useCountryOptions } from '@/shared/i18n/choices';
import { useOptions } from '@/shared/live/cards';
import { useCan } from '@/shared/session/session';
import { ObjectHistory } from '@/shared/ui/history';
import { Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { toValues, type CalendarValues } from './calendar-values';
import { useDescribeCalendar } from './describe-calendar';
import { ExceptionsField } from './exceptions-field';
import { HoursField } from './hours-field';
import { Preview } from './preview';

interface CalendarFormProps {
  /** null for one that does not exist yet; then it begins as `fresh`. */
  readonly calendar: Calendar | null;
  readonly fresh: CalendarValues;
}

export function CalendarForm({ calendar, fresh }: CalendarFormProps) {
  const { t } = useTranslation(['projects', 'common']);
  const can = useCan();
  const client = useQueryClient();
  const navigate = useNavigate();
  const initial = useMemo(() => (calendar === null ? fresh : toValues(calendar)), [calendar, fresh]);
  const form = useForm<CalendarValues>({
    name: `calendar.${calendar?.id ?? 'new'}`,
    initial,
    version: calendar?.version ?? null,
    readOnly: !can('calendars.write'),
    save: async (change, all, version) => {
      const saved =
        calendar === null
          ? await call(api.POST('/api/calendars', { body: all as Posted<'/api/calendars'> }))
          : await call(
              api.PATCH('/api/calendars/{calendar_id}', {
                params: { path: { calendar_id: calendar.id }, header: ifMatch(version ?? 0) },
                body: change,
              }),
            );
      client.setQueryData(['calendars', 'one', saved.id], saved);
      return { values: toValues(saved), version: saved.version, id: saved.id };
    },
    read: (current) => {
      const stored = current as unknown as Calendar;
      return { values: toValues(stored), version: stored.version };
    },
    onSaved: (saved) => {
      void client.invalidateQueries({ queryKey: ['calendars'] });
      toast.done(t('common:saved'));
      if (calendar === null && saved.id !== undefined) void navigate({ to: '/calendars/$id', params: { id: saved.id }, replace: true });
    },
  });
  const projects = useOptions('projects', { keep: [initial.project_id] });
  const countries = useCountryOptions(initial.country);
  const zones = useMemo(() => timeZoneOptions(initial.time_zone), [initial.time_zone]);
  const subdivisions = countries.find((one) => one.value === form.values.country)?.subdivisions ?? [];
  const [labels, describe] = useDescribeCalendar();
  return (
    <div className={calendar === null ? undefined : ui.columns}>
      <Form
        form={form}
        isNew={calendar === null}
        labels={labels}
        describe={describe}
        extra={
          calendar !== null &&
          !form.readOnly && (
            <RemoveButton
              what={calendar.name}
              remove={() => call(api.DELETE('/api/calendars/{calendar_id}', { params: { path: { calendar_id: calendar.id }, header: ifMatch(calendar.version) } }))}
              onDone={() => {
                form.reset();
                void navigate({ to: '/calendars', ignoreBlocker: true });
              }}
            />
          )
        }
      >
        <Section title={t('section.calendar')}>
          <div className={ui.grid}>
            {calendar === null && <SelectField form={form} name="project_id" label={labels.project_id} options={projects} required />}
            <TextField form={form} name="name" label={labels.name} required focusFirst={calendar === null} />
            <SelectField form={form} name="time_zone" label={labels.time_zone} options={zones} required />
          </div>
        </Section>
        <Section title={t('week.title')} note={t('week.note')}>
          <HoursField form={form} />
        </Section>
        <Section title={t('section.holidays')} note={t('holidayNote')}>
          <div className={ui.grid}>
            <SelectField form={form} name="country" label={labels.country} options={countries} clearable />
            {subdivisions.length > 0 && (
              <SelectField form={form} name="subdivision" label={labels.subdivision} options={subdivisions.map((value) => ({ value, label: value }))} clearable />
            )}
            <div className={ui.span}>
              <SwitchField form={form} name="observe_holidays" label={labels.observe_holidays} />
            </div>
          </div>
        </Section>
        <Section title={t('exceptions.title')} note={t('exceptions.note')}>
          <ExceptionsField form={form} />
        </Section>
      </Form>
      {calendar !== null && (
        <aside>
          <Preview id={calendar.id} version={calendar.version} />
          <ObjectHistory id={calendar.id} />
        </aside>
      )}
    </div>
  );
}
