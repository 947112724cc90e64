import { ActionIcon, Switch, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { DateInput, TimeInput } from '@/shared/form/fields';
import type { FormApi } from '@/shared/form/use-form';
import type { CalendarValues, Exception } from './calendar-values';
import { AddButton } from './hours-field';
import classes from './projects.module.css';

const today = (): string => new Date().toISOString().slice(0, 10);

/** Dates that differ from their weekday: closed, or open at other times. */
export function ExceptionsField({ form }: { readonly form: FormApi<CalendarValues> }) {
  const { t } = useTranslation(['projects', 'common']);
  const { exceptions } = form.values;
  const set = (next: Exception[]) => form.set('exceptions', next);
  const error = form.error('exceptions');
  return (
    <div data-field="exceptions">
      {exceptions.length === 0 && <p className={classes.closed}>{t('exceptions.none')}</p>}
      {exceptions.map((one, index) => {
        const change = (patch: Partial<Exception>) => set(exceptions.map((other, at) => (at === index ? { ...other, ...patch } : other)));
        return (
          <div key={index} className={classes.exception}>
            <DateInput label={t('exceptions.date')} hideLabel value={one.date} disabled={form.readOnly} onChange={(date) => date !== null && change({ date })} />
            <TextInput
              className={classes.exceptionName}
              aria-label={t('exceptions.name')}
              placeholder={t('exceptions.name')}
              value={one.name}
              maxLength={120}
              disabled={form.readOnly}
              onChange={(event) => change({ name: event.currentTarget.value })}
            />
            <Switch
              label={t('exceptions.open')}
              checked={one.opens !== null}
              disabled={form.readOnly}
              onChange={(event) => change(event.currentTarget.checked ? { opens: '09:00', closes: '15:00' } : { opens: null, closes: null })}
            />
            {one.opens !== null && (
              <span className={classes.span}>
                <TimeInput label={t('exceptions.opens')} value={one.opens} disabled={form.readOnly} onChange={(opens) => change({ opens })} />
                <span aria-hidden>–</span>
                <TimeInput
                  label={t('exceptions.closes')}
                  value={one.closes ?? '00:00'}
                  end
                  disabled={form.readOnly}
                  onChange={(closes) => change({ closes: closes === '24:00' ? '00:00' : closes })}
                />
              </span>
            )}
            {!form.readOnly && (
              <ActionIcon variant="subtle" color="gray" aria-label={t('exceptions.remove', { date: one.date })} onClick={() => set(exceptions.filter((_, at) => at !== index))}>
                <IconTrash size={16} aria-hidden />
              </ActionIcon>
            )}
          </div>
        );
      })}
      {!form.readOnly && <AddButton label={t('exceptions.add')} onClick={() => set([...exceptions, { date: today(), name: '', opens: null, closes: null }])} />}
      {error !== null && (
        <p role="alert" className={classes.error}>
          {error}
        </p>
      )}
    </div>
  );
}
