import { Link } from '@tanstack/react-router';
import { Suspense, lazy, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '@/shared/session/session';
import { useTableSearch } from '@/shared/table/use-list';
import classes from './board.module.css';
import { useSeconds } from './clock';
import { addPoint, keepPoints, readPoints } from './history';
import type { BoardQueue } from './model';
import { totalsOf } from './trouble';

const DayChart = lazy(async () => ({ default: (await import('./day-chart')).DayChart }));

interface DayProps {
  /** Whose day: the projects that are looked at. */
  readonly scope: string;
  readonly queues: readonly BoardQueue[];
}

/** The curves of the day: collected all the time that the page is open, drawn when somebody wants to see them. */
export function Day({ scope, queues }: DayProps) {
  const { t } = useTranslation('board');
  const can = useCan();
  const [search, patch] = useTableSearch();
  const open = search.day === 'open';
  return (
    <details className={classes.day} open={open} onToggle={(event) => patch({ day: event.currentTarget.open ? 'open' : null }, true)}>
      <summary>{t('day.title')}</summary>
      {open && can('reports.read') && (
        <p className={classes.asTable}>
          <Link to="/reports">{t('day.reports')}</Link>
        </p>
      )}
      <Points key={scope} scope={scope} queues={queues} shown={open} />
    </details>
  );
}

function Points({ scope, queues, shown }: DayProps & { readonly shown: boolean }) {
  const [points, setPoints] = useState(() => readPoints(scope));
  const seconds = useSeconds();
  const next = addPoint(points, seconds, totalsOf(queues, seconds));
  if (next !== points) setPoints(next);
  useEffect(() => keepPoints(scope, points), [scope, points]);
  if (!shown) return null;
  return (
    <Suspense>
      <DayChart points={next} />
    </Suspense>
  );
}
