import { Checkbox } from '@mantine/core';
import type { Column } from './types';
import classes from './table.module.css';

interface ColumnsChoicesProps {
  readonly columns: readonly Pick<Column<never>, 'id' | 'header'>[];
  readonly shown: readonly string[];
  readonly choose: (shown: readonly string[]) => void;
}

export function ColumnsChoices({ columns, shown, choose }: ColumnsChoicesProps) {
  return (
    <div className={classes.choices}>
      {columns.map((column) => (
        <Checkbox
          key={column.id}
          label={column.header}
          checked={shown.includes(column.id)}
          onChange={(event) => choose(event.currentTarget.checked ? [...shown, column.id] : shown.filter((id) => id !== column.id))}
        />
      ))}
    </div>
  );
}
