import type { ReactNode } from 'react';
import classes from './flows.module.css';

/** Fields that belong together, under a heading. */
export function FieldSet({ title, note, children }: { readonly title: string; readonly note?: string; readonly children: ReactNode }) {
  return (
    <fieldset className={classes.fieldGroup}>
      <legend className={classes.legend}>{title}</legend>
      {note !== undefined && <p className={classes.hint}>{note}</p>}
      {children}
    </fieldset>
  );
}
