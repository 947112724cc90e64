import { Drawer } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useMeanings } from './reports';
import classes from './reports.module.css';

interface DefinitionsProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** What each measure means: the server's published words, the same that it computes by. */
export function Definitions({ opened, onClose }: DefinitionsProps) {
  const { t } = useTranslation(['reports', 'common']);
  const meanings = useMeanings();
  return (
    <Drawer opened={opened} onClose={onClose} title={t('definitions')} closeButtonProps={{ 'aria-label': t('common:close') }}>
      <dl className={classes.definitions}>
        {[...meanings].map(([id, one]) => (
          <div key={id}>
            <dt>{one.name}</dt>
            <dd>{one.text}</dd>
          </div>
        ))}
      </dl>
    </Drawer>
  );
}
