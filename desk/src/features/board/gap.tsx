import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Notice } from '@/shared/ui/bits';
import type { LinkState } from './link';
import { Since } from './since';

/** A restart of the server takes a moment; nobody has to read about that. */
const GRACE_MS = 2500;

/** Whether nothing has come for longer than a moment: then the figures are old, and it has to be said. */
export function useLate(lostSince: number | null): boolean {
  const [late, setLate] = useState<number | null>(null);
  useEffect(() => {
    if (lostSince === null) return undefined;
    const timer = window.setTimeout(() => setLate(lostSince), Math.max(0, lostSince + GRACE_MS - performance.now()));
    return () => window.clearTimeout(timer);
  }, [lostSince]);
  return lostSince !== null && late === lostSince;
}

export function Gap({ link, retry }: { readonly link: LinkState; readonly retry: () => void }) {
  const { t } = useTranslation('board');
  const late = useLate(link.lostSince);
  if (link.phase === 'refused') return <Notice tone="bad">{t('gap.refused')}</Notice>;
  if (!late || link.lostSince === null) return null;
  // The link counts in the page's own time; a person reads a duration.
  const since = new Date(performance.timeOrigin + link.lostSince).toISOString();
  return (
    <Notice tone="warn" urgent>
      <span>
        {t('gap.lost')} <Since at={since} />
      </span>
      <Button variant="default" size="compact-sm" onClick={retry}>
        {t('gap.retry')}
      </Button>
    </Notice>
  );
}
