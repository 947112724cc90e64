import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { loadNamespaces } from '@/shared/i18n';
import { Section } from '@/shared/ui/page';
import { CallButtons } from './call-buttons';
import { useDemo } from './demo';

/** On the first page of the sample centre, and of no other. Its texts come with it: a real centre never loads them. */
export function DemoCard() {
  const { t } = useTranslation('demo');
  const demo = useDemo(false);
  if (demo.data?.demo !== true) return null;
  return (
    <Section title={t('callTitle')} note={t('lead')}>
      <CallButtons lines={demo.data.lines} />
      <p>
        <Link to="/demo">{t('open')}</Link>
      </p>
    </Section>
  );
}

export const ready = loadNamespaces('demo');
