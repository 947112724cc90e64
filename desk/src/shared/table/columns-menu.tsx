import { Button, Popover } from '@mantine/core';
import { IconColumns3 } from '@tabler/icons-react';
import { Suspense, lazy } from 'react';
import { useTranslation } from 'react-i18next';
import type { Column } from './types';
import type { Patch } from './use-list';
import classes from './table.module.css';

const ColumnsChoices = lazy(async () => ({ default: (await import('./columns-choices')).ColumnsChoices }));

interface ColumnsMenuProps<R> {
  readonly columns: readonly Column<R>[];
  readonly shown: readonly string[];
  readonly patch: Patch;
}

export function ColumnsMenu<R>({ columns, shown, patch }: ColumnsMenuProps<R>) {
  const { t } = useTranslation();
  const usual = columns.filter((one, index) => index === 0 || one.optional !== true).map((one) => one.id);
  const choose = (next: readonly string[]) => {
    const ordered = columns.map((one) => one.id).filter((id) => next.includes(id));
    patch({ cols: ordered.join() === usual.join() ? null : ordered.join() }, true);
  };
  return (
    <Popover position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button className={classes.tool} title={t('table.columns')} variant="subtle" color="gray" size="compact-sm" leftSection={<IconColumns3 size={15} aria-hidden />}>
          {t('table.columns')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('table.columns')}>
        <Suspense>
          <ColumnsChoices columns={columns.slice(1)} shown={shown} choose={choose} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
