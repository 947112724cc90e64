import { Button } from '@mantine/core';
import { IconBook2 } from '@tabler/icons-react';
import { Suspense, lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { useSession } from '@/shared/session/session';
import { useTableSearch } from '@/shared/table/use-list';
import { Empty, Notice, Skeleton } from '@/shared/ui/bits';
import { Loaded } from '@/shared/ui/error-view';
import { Page, Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { Cards } from './cards';
import { Definitions } from './definitions';
import { Filters } from './filters';
import { MeasureTable } from './measure-table';
import { queryOf, type ReportQuery } from './period';
import { useMeasures, type Measures } from './reports';
import { useReportState } from './state';
import classes from './reports.module.css';

// The charts bring as much code as the rest of the desk together; numbers and tables do not wait for them.
const Charts = lazy(() => import('./charts').then((module) => ({ default: module.Charts })));

const MINUTE = 60_000;

/** What happened in a period: cards, charts and tables of the same query, each number with its rows. */
export function ReportsPage() {
  const { t } = useTranslation(['reports', 'common']);
  const [search] = useTableSearch();
  const zone = useSession().person.time_zone;
  // Whole minutes, so that a report does not change its question while somebody looks.
  const [now] = useState(() => Math.floor(Date.now() / MINUTE) * MINUTE);
  const [explained, setExplained] = useState(false);
  const query = queryOf(search, zone, now);
  const report = useMeasures(query, 'interval');
  return (
    <Page
      title={t('title')}
      flush
      actions={
        <Button variant="default" leftSection={<IconBook2 size={16} aria-hidden />} onClick={() => setExplained(true)}>
          {t('definitions')}
        </Button>
      }
    >
      <Filters now={now} page="reports" />
      <div className={classes.body}>
        <Loaded query={report} lines={12}>
          {(data) => <Report data={data} query={query} />}
        </Loaded>
      </div>
      <Definitions opened={explained} onClose={() => setExplained(false)} />
    </Page>
  );
}

function Report({ data, query }: { readonly data: Measures; readonly query: ReportQuery }) {
  const { t } = useTranslation('reports');
  const nothing = Object.values(data.total).every((value) => value === 0 || value === null);
  return (
    <>
      <Cards data={data} query={query} />
      {nothing ? (
        <Empty title={t('none')} text={t('noneText')} />
      ) : (
        <Suspense fallback={<Skeleton lines={10} />}>
          <Charts data={data} query={query} />
        </Suspense>
      )}
      <Section title={t('table')} note={t('tableNote')}>
        <MeasureTable byInterval={data} query={query} />
      </Section>
      <Proof />
    </>
  );
}

/** Whether the reports were found to agree with what they are made from. */
function Proof() {
  const { t } = useTranslation('reports');
  const format = useFormat();
  const state = useReportState();
  const check = state.data?.check ?? null;
  if (state.data === undefined) return null;
  if (check === null) return <p className={ui.muted}>{t('proof.none')}</p>;
  const words = { at: format.dateTime(check.at), contacts: format.number(check.contacts), count: check.differences };
  return check.differences === 0 ? <p className={ui.muted}>{t('proof.good', words)}</p> : <Notice tone="warn">{t('proof.bad', words)}</Notice>;
}
