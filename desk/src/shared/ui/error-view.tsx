import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/shared/api/problem';
import { errorText } from '@/shared/i18n/errors';
import { Empty, Skeleton } from './bits';
import type { ReactNode } from 'react';

type Kind = 'offline' | 'forbidden' | 'missing' | 'broken';

function kindOf(error: unknown): Kind {
  if (!(error instanceof ApiError)) return 'broken';
  if (error.isOffline) return 'offline';
  if (error.status === 403) return 'forbidden';
  if (error.status === 404) return 'missing';
  return 'broken';
}

interface ErrorViewProps {
  readonly error: unknown;
  readonly retry?: () => void;
}

/** In the place of what could not be shown: what happened, and what can be done. */
export function ErrorView({ error, retry }: ErrorViewProps) {
  const { t } = useTranslation();
  const kind = kindOf(error);
  const incident = error instanceof ApiError ? error.incident : null;
  const reason = kind === 'broken' ? errorText(error) : t(`failed.${kind}.text`);
  return (
    <div role="alert">
      <Empty
        title={t(`failed.${kind}.title`)}
        text={incident === null ? reason : `${reason} ${t('failed.incident', { incident })}`}
        action={
          retry !== undefined && (kind === 'offline' || kind === 'broken') ? (
            <Button variant="default" onClick={retry}>
              {t('failed.retry')}
            </Button>
          ) : undefined
        }
      />
    </div>
  );
}

interface Loading<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly refetch: () => unknown;
}

interface LoadedProps<T> {
  readonly query: Loading<T>;
  readonly lines?: number;
  readonly children: (data: T) => ReactNode;
}

/** Data that is there stays on the screen even when a later refresh fails. */
export function Loaded<T>({ query, lines = 8, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error !== null) return <ErrorView error={query.error} retry={() => void query.refetch()} />;
  return <Skeleton lines={lines} />;
}
