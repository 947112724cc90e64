import { ActionIcon, Button } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useEditor } from './editor-context';
import classes from './flows.module.css';

interface RowListProps<R> {
  readonly rows: readonly R[];
  readonly most: number;
  readonly addLabel: string;
  readonly fresh: () => R;
  readonly row: (row: R, put: (row: R) => void) => ReactNode;
  readonly onChange: (rows: R[]) => void;
}

/** Rows of fields: each can be taken out, and one more put at the end. */
export function RowList<R>({ rows, most, addLabel, fresh, row, onChange }: RowListProps<R>) {
  const { t } = useTranslation('flows');
  const { readOnly } = useEditor();
  return (
    <>
      {rows.map((one, index) => (
        <div key={index} className={classes.row} role="group" aria-label={t('list.row', { number: index + 1 })}>
          <div className={classes.rowFields}>{row(one, (next) => onChange(rows.map((other, at) => (at === index ? next : other))))}</div>
          {!readOnly && (
            <ActionIcon variant="subtle" color="gray" aria-label={t('list.remove')} onClick={() => onChange(rows.filter((_other, at) => at !== index))}>
              <IconTrash size={15} aria-hidden />
            </ActionIcon>
          )}
        </div>
      ))}
      {!readOnly && rows.length < most && (
        <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => onChange([...rows, fresh()])}>
          {addLabel}
        </Button>
      )}
    </>
  );
}
