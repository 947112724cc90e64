import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DateInput } from '@/shared/form/fields';
import { dayOf } from '@/shared/i18n/days';
import { useOptions } from '@/shared/live/cards';
import { useProject, useSession } from '@/shared/session/session';
import { useTableSearch } from '@/shared/table/use-list';
import { ViewsMenu } from '@/shared/table/views-menu';
import { PERIODS, REPEAT_DAYS, TARGETS, daysOf, intervalOf, intervalsFor, lengthOf, periodOf } from './period';
import classes from './reports.module.css';

interface ChoiceProps {
  readonly label: string;
  readonly value: string | null;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly onChange: (value: string | null) => void;
  readonly clearable?: boolean;
}

function Choice({ label, value, options, onChange, clearable = false }: ChoiceProps) {
  const { t } = useTranslation('common');
  return (
    <Select
      className={classes.choice}
      aria-label={label}
      placeholder={label}
      data={[...options]}
      value={value}
      onChange={onChange}
      clearable={clearable}
      allowDeselect={clearable}
      searchable={options.length > 8}
      clearButtonProps={{ 'aria-label': t('table.clear', { name: label }) }}
      nothingFoundMessage={t('table.noOption')}
      data-active={clearable && value !== null}
    />
  );
}

/** What the whole page shows; it stands in the address bar, so a link or a saved view brings the same report back. */
export function Filters({ now, page }: { readonly now: number; readonly page: string }) {
  const { t } = useTranslation(['reports', 'common']);
  const [search, patch, setSearch] = useTableSearch();
  const zone = useSession().person.time_zone;
  const narrowed = useProject();
  const days = daysOf(search, dayOf(new Date(now).toISOString(), zone) ?? '');
  const length = lengthOf(days);
  const text = (key: string) => (typeof search[key] === 'string' ? search[key] : null);
  const [projects, queues, people] = [useOptions('projects'), useOptions('queues'), useOptions('employees')];
  const period = periodOf(search);
  return (
    <div className={classes.filters} role="search" aria-label={t('title')}>
      <Choice label={t('period.label')} value={period} options={PERIODS.map((value) => ({ value, label: t(`period.${value}`) }))} onChange={(value) => patch({ period: value, ...(value === 'custom' ? { from: days[0], to: days[1] } : { from: null, to: null }) })} />
      {period === 'custom' && (
        <>
          <div className={classes.date}>
            <DateInput hideLabel label={t('period.from')} value={days[0]} onChange={(day) => patch({ from: day })} />
          </div>
          <div className={classes.date}>
            <DateInput hideLabel label={t('period.to')} value={days[1]} onChange={(day) => patch({ to: day })} />
          </div>
        </>
      )}
      <Choice label={t('interval.label')} value={intervalOf(search, length)} options={intervalsFor(length).map((value) => ({ value, label: t(`interval.${value}`) }))} onChange={(value) => patch({ interval: value })} />
      {narrowed === null && <Choice clearable label={t('field.project')} value={text('project_id')} options={projects} onChange={(value) => patch({ project_id: value })} />}
      <Choice clearable label={t('field.queue')} value={text('queue_id')} options={queues} onChange={(value) => patch({ queue_id: value })} />
      <Choice clearable label={t('field.operator')} value={text('operator_id')} options={people} onChange={(value) => patch({ operator_id: value })} />
      <Choice label={t('field.target')} value={text('target') ?? '20'} options={TARGETS.map((value) => ({ value, label: t('target', { seconds: value }) }))} onChange={(value) => patch({ target: value === '20' ? null : value })} />
      <Choice label={t('field.repeat')} value={text('repeat_days') ?? '7'} options={REPEAT_DAYS.map((value) => ({ value, label: t('repeat', { count: Number(value) }) }))} onChange={(value) => patch({ repeat_days: value === '7' ? null : value })} />
      <div className={classes.tools}>
        <ViewsMenu name={page} search={search} apply={setSearch} />
      </div>
    </div>
  );
}
