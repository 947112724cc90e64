import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { useSession } from '@/shared/session/session';
import { Loaded } from '@/shared/ui/error-view';
import { Page, Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { CallButtons } from './call-buttons';
import { useDemo, type Demo } from './demo';
import classes from './demo.module.css';
import { MixForm } from './mix-form';

/** The sample centre: who calls it, how often, and the way to call it oneself. */
export function DemoPage() {
  const { t } = useTranslation(['demo', 'common']);
  const demo = useDemo(true);
  const editable = useSession().permissions.includes('demo.control');
  return (
    <Page title={t('title')}>
      <Loaded query={demo} lines={8}>
        {(data) =>
          data.demo ? (
            <>
              <p className={ui.muted}>{t('lead')}</p>
              <Section title={t('callTitle')}>
                <CallButtons lines={data.lines} />
              </Section>
              <Section title={t('crowd')}>
                <Figures crowd={data.crowd} />
              </Section>
              <Section title={t('mix')} {...(editable ? {} : { note: t('notYours') })}>
                <MixForm saved={data.mix} editable={editable} />
              </Section>
            </>
          ) : (
            <p>{t('real')}</p>
          )
        }
      </Loaded>
    </Page>
  );
}

const SHOWN = ['calls', 'operators', 'placed', 'served', 'gave_up', 'failed'] as const;

function Figures({ crowd }: { readonly crowd: Demo['crowd'] }) {
  const { t } = useTranslation('demo');
  const format = useFormat();
  if (crowd === null) return <p className={ui.muted}>{t('silent')}</p>;
  return (
    <dl className={classes.figures}>
      {SHOWN.map((name) => (
        <div key={name}>
          <dt>{t(`figure.${name}`)}</dt>
          <dd>{format.number(crowd[name])}</dd>
        </div>
      ))}
    </dl>
  );
}
