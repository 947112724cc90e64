import { Button, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { ApiError } from '@/shared/api/problem';
import { toast } from '@/shared/feedback/toasts';
import { DateInput, TimeInput } from '@/shared/form/fields';
import { errorText, fieldText } from '@/shared/i18n/errors';
import { useFormat } from '@/shared/i18n/format';
import { inMinutes, momentOf, nextRound, quick, type Wall } from './when';
import classes from './work.module.css';

/** A call-back that was promised: when, and what about. It comes up in the list at its time. */
export function PromisePanel({ interaction, done }: { readonly interaction: string; readonly done: () => void }) {
  const { t } = useTranslation('work');
  const format = useFormat();
  const client = useQueryClient();
  const [wall, setWall] = useState<Wall>(() => nextRound(new Date()));
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState('');
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const due = momentOf(wall);
    if (due === null || due.getTime() <= Date.now()) {
      setWrong(t('promise.past'));
      return;
    }
    setBusy(true);
    try {
      await call(api.POST('/api/promises', { body: { interaction_id: interaction, due_at: due.toISOString(), note, number: '' } }));
      await client.invalidateQueries({ queryKey: ['promises'] });
      toast.done(t('promise.made', { at: format.dateTime(due) }));
      done();
    } catch (error) {
      setWrong(error instanceof ApiError && error.fields[0] !== undefined ? fieldText(error.fields[0]) : errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={classes.promiseForm} onSubmit={(event) => void submit(event)}>
      <div className={classes.quick} role="group" aria-label={t('promise.quick')}>
        {quick(new Date()).map((one) => (
          <Button key={one.id} size="compact-sm" variant="default" onClick={() => setWall(one.wall)}>
            {t(`promise.${one.id}`)}
          </Button>
        ))}
        {[15, 30, 60].map((minutes) => (
          <Button key={minutes} size="compact-sm" variant="default" onClick={() => setWall(inMinutes(new Date(), minutes))}>
            {t('promise.in', { count: minutes })}
          </Button>
        ))}
      </div>
      <div className={classes.when}>
        <DateInput label={t('promise.date')} value={wall.date} onChange={(date) => setWall((now) => ({ ...now, date: date ?? now.date }))} />
        <span className={classes.timeBox}>
          <span aria-hidden>{t('promise.time')}</span>
          <TimeInput label={t('promise.time')} value={wall.time} onChange={(time) => setWall((now) => ({ ...now, time }))} />
        </span>
      </div>
      <Textarea label={t('promise.about')} rows={2} maxLength={2000} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
      {wrong !== '' && (
        <p className={classes.wrong} role="alert">
          {wrong}
        </p>
      )}
      <Button type="submit" loading={busy}>
        {t('promise.make')}
      </Button>
    </form>
  );
}
