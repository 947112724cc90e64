import { Button } from '@mantine/core';
import { IconPrinter } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Notice } from '@/shared/ui/bits';
import ui from '@/shared/ui/ui.module.css';
import type { NewPhone } from './phones';
import classes from './phones.module.css';

/** What the phone has to know, on the screen and on paper. Shown once: the server does not keep the password. */
export function ProvisioningSheet({ made, close }: { readonly made: NewPhone; readonly close: () => void }) {
  const { t } = useTranslation(['phones', 'common']);
  const { phone, provisioning: told } = made;
  const ports = Object.entries(told.ports)
    .map(([transport, port]) => `${transport.toUpperCase()} ${String(port)}`)
    .join(', ');
  const rows: [string, string][] = [
    [t('sheet.server'), told.server],
    [t('sheet.ports'), ports],
    [t('sheet.user'), told.user],
    [t('sheet.password'), told.password],
    [t('sheet.realm'), told.realm],
    [t('sheet.displayName'), told.display_name],
  ];
  return (
    <>
      <Notice tone="warn">{t('sheet.once')}</Notice>
      <div className={classes.sheet} data-print>
        <h3 className={classes.sheetTitle}>
          {phone.label} · {phone.person_name}
        </h3>
        <img className={classes.code} alt={t('sheet.code')} src={`data:image/svg+xml;utf8,${encodeURIComponent(withNamespace(told.qr_svg))}`} />
        <dl className={ui.facts}>
          {rows.map(([name, value]) => [
            <dt key={`${name}-name`}>{name}</dt>,
            <dd key={name} className={classes.value}>
              {value}
            </dd>,
          ])}
        </dl>
        <p className={ui.muted}>{t('sheet.how')}</p>
      </div>
      <div className={ui.dialogButtons}>
        <Button variant="default" leftSection={<IconPrinter size={15} aria-hidden />} onClick={() => window.print()}>
          {t('sheet.print')}
        </Button>
        <Button onClick={close} data-autofocus>
          {t('sheet.done')}
        </Button>
      </div>
    </>
  );
}

/** As a picture, not as markup of this page, an SVG must name its namespace. */
const withNamespace = (svg: string): string => (svg.includes('xmlns=') ? svg : svg.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"'));
