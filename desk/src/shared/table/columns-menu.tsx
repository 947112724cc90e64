import { Button, Checkbox, Popover } from '@mantine/core';
import { IconColumns3 } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Column } from './types';
import type { Patch } from './use-list';
import classes from './table.module.css';

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
        <Button variant="subtle" color="gray" size="compact-sm" leftSection={<IconColumns3 size={15} aria-hidden />}>
          {t('table.columns')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('table.columns')}>
        <div className={classes.choices}>
          {columns.slice(1).map((column) => (
            <Checkbox
              key={column.id}
              label={column.header}
              checked={shown.includes(column.id)}
              onChange={(event) => choose(event.currentTarget.checked ? [...shown, column.id] : shown.filter((id) => id !== column.id))}
            />
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
