import { Button } from '@mantine/core';
import { Link, useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/shared/api/problem';
import { Empty } from '@/shared/ui/bits';
import { ErrorView } from '@/shared/ui/error-view';
import { Page } from '@/shared/ui/page';

export function MissingPage() {
  const { t } = useTranslation(['app', 'common']);
  return (
    <Page title={t('missing.title')}>
      <Empty title={t('missing.heading')} text={t('missing.text')} action={<Link to="/">{t('missing.home')}</Link>} />
    </Page>
  );
}

export function ForbiddenPage() {
  const { t } = useTranslation(['app', 'common']);
  return (
    <Page title={t('forbidden.title')}>
      <Empty title={t('forbidden.heading')} text={t('forbidden.text')} action={<Link to="/">{t('missing.home')}</Link>} />
    </Page>
  );
}

/** A bug of the desk, a chunk that could not be fetched, or a server that did not answer. */
export function CrashPage({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation(['app', 'common']);
  const router = useRouter();
  const retry = () => {
    reset();
    void router.invalidate();
  };
  if (error instanceof ApiError) {
    return (
      <Page title={t('crash.title')}>
        <ErrorView error={error} retry={retry} />
      </Page>
    );
  }
  return (
    <Page title={t('crash.title')}>
      <div role="alert">
        <Empty
          title={t('crash.heading')}
          text={t('crash.text', { what: error instanceof Error ? error.message : '' })}
          action={<Button onClick={() => window.location.reload()}>{t('crash.reload')}</Button>}
        />
      </div>
    </Page>
  );
}
