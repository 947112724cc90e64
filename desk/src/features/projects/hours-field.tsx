import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconCopy, IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { TimeInput } from '@/shared/form/fields';
import type { FormApi } from '@/shared/form/use-form';
import { useFormat } from '@/shared/i18n/format';
import { WEEKDAYS, bands, copyDay, minutesOf, nextSpan, overlapping, type Span } from './hours';
import type { CalendarValues } from './calendar-values';
import classes from './projects.module.css';

const WORKDAYS = [0, 1, 2, 3, 4];

/** Seven lines, a day each: a band to see, spans to type. */
export function HoursField({ form }: { readonly form: FormApi<CalendarValues> }) {
  const error = form.error('hours');
  return (
    <div data-field="hours">
      {WEEKDAYS.map((day) => (
        <DayRow key={day} form={form} day={day} />
      ))}
      {error !== null && (
        <p role="alert" className={classes.error}>
          {error}
        </p>
      )}
    </div>
  );
}

function DayRow({ form, day }: { readonly form: FormApi<CalendarValues>; readonly day: number }) {
  const { t } = useTranslation(['projects', 'common']);
  const format = useFormat();
  const { hours } = form.values;
  const name = format.weekday(day, 'long');
  const spans = hours.filter((span) => span.weekday === day).toSorted((a, b) => minutesOf(a.opens) - minutesOf(b.opens));
  const set = (next: Span[]) => form.set('hours', next);
  const change = (old: Span, next: Span) => set(hours.map((span) => (span === old ? next : span)));
  return (
    <fieldset className={classes.day}>
      <legend className="visually-hidden">{name}</legend>
      <span className={classes.dayName} aria-hidden>
        {name}
      </span>
      <span className={classes.dayBand} aria-hidden>
        {bands(hours)
          .filter((piece) => piece.weekday === day)
          .map((piece, index) => (
            <span key={index} className={classes.weekPiece} style={{ left: `${piece.from * 100}%`, width: `${(piece.to - piece.from) * 100}%` }} />
          ))}
      </span>
      <div className={classes.spans}>
        {spans.length === 0 && <span className={classes.closed}>{t('week.closed')}</span>}
        {spans.map((span, index) => (
          <span key={index} className={classes.span}>
            <TimeInput label={t('week.opens', { day: name })} value={span.opens} disabled={form.readOnly} onChange={(opens) => change(span, { ...span, opens })} />
            <span aria-hidden>–</span>
            <TimeInput
              label={t('week.closes', { day: name })}
              value={span.closes}
              end
              disabled={form.readOnly}
              // The calendar knows midnight as 00:00.
              onChange={(closes) => change(span, { ...span, closes: closes === '24:00' ? '00:00' : closes })}
            />
            {!form.readOnly && (
              <ActionIcon variant="subtle" color="gray" aria-label={t('week.remove', { day: name, opens: span.opens })} onClick={() => set(hours.filter((one) => one !== span))}>
                <IconX size={15} aria-hidden />
              </ActionIcon>
            )}
          </span>
        ))}
        {overlapping(hours, day) && <span className={classes.error}>{t('week.overlap')}</span>}
      </div>
      {!form.readOnly && (
        <div className={classes.dayTools}>
          <ActionIcon variant="subtle" color="gray" aria-label={t('week.add', { day: name })} onClick={() => set([...hours, nextSpan(hours, day)])}>
            <IconPlus size={16} aria-hidden />
          </ActionIcon>
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={t('week.copy', { day: name })}>
                <IconCopy size={15} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => set(copyDay(hours, day, WORKDAYS))}>{t('week.toWorkdays')}</Menu.Item>
              <Menu.Item onClick={() => set(copyDay(hours, day, WEEKDAYS))}>{t('week.toAll')}</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </div>
      )}
    </fieldset>
  );
}

export function AddButton({ label, onClick }: { readonly label: string; readonly onClick: () => void }) {
  return (
    <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={14} aria-hidden />} onClick={onClick}>
      {label}
    </Button>
  );
}
