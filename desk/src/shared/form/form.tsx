import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { Keys, Notice } from '@/shared/ui/bits';
import ui from '@/shared/ui/ui.module.css';
import type { Values } from './merge';
import { plain } from './plain';
import type { FormApi } from './use-form';
import classes from './form.module.css';

export interface FieldText<V extends Values> {
  /** The label of each field, for the comparison of two versions. */
  readonly labels: Readonly<Partial<Record<keyof V & string, string>>>;
  /** How a value is written for a person. */
  readonly describe?: (field: keyof V & string, value: unknown) => string;
}

interface FormProps<V extends Values> extends FieldText<V> {
  readonly form: FormApi<V>;
  readonly children: ReactNode;
  readonly saveLabel?: string;
  /** Further buttons beside "Save". */
  readonly extra?: ReactNode;
  /** Something new can be saved as it stands. */
  readonly isNew?: boolean;
}

export function Form<V extends Values>({ form, children, saveLabel, extra, isNew = false, labels, describe }: FormProps<V>) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <form
      id={form.id}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void form.submit();
      }}
    >
      {form.restoredAt !== null && (
        <Notice>
          {t('form.restored', { at: format.dateTime(form.restoredAt) })}
          <Button variant="subtle" size="compact-sm" onClick={form.reset}>
            {t('form.discard')}
          </Button>
        </Notice>
      )}
      {form.state.taken.length > 0 && (
        <Notice>{t('form.taken', { fields: form.state.taken.map((field) => labels[field] ?? field).join(', ') })}</Notice>
      )}
      <ConflictPanel form={form} labels={labels} {...(describe === undefined ? {} : { describe })} />
      {children}
      {!form.readOnly && (
        <div className={ui.formBar}>
          <Button type="submit" loading={form.saving} disabled={(!form.dirty && !isNew) || form.state.conflict !== null}>
            {saveLabel ?? t('save')}
          </Button>
          {form.dirty && !isNew && (
            <Button variant="default" onClick={form.reset} disabled={form.saving}>
              {t('form.discard')}
            </Button>
          )}
          {extra}
          <span role="alert" className={ui.errorText}>
            {form.problem}
          </span>
          <span className={classes.hint}>
            <Keys keys="mod+s" />
          </span>
        </div>
      )}
    </form>
  );
}

function ConflictPanel<V extends Values>({ form, labels, describe }: FieldText<V> & { readonly form: FormApi<V> }) {
  const { t } = useTranslation();
  const { conflict } = form.state;
  if (conflict === null) return null;
  const show = (field: keyof V & string, value: unknown) => describe?.(field, value) ?? plain(value);
  return (
    <section className={classes.conflict} aria-labelledby="conflict-title">
      <h2 id="conflict-title" className={classes.conflictTitle}>
        {t('form.conflictTitle')}
      </h2>
      <p className={ui.muted}>{t('form.conflictText')}</p>
      <table className={ui.plainTable}>
        <thead>
          <tr>
            <th scope="col">{t('form.field')}</th>
            <th scope="col">{t('form.theirs')}</th>
            <th scope="col">{t('form.mine')}</th>
          </tr>
        </thead>
        <tbody>
          {conflict.fields.map((field) => (
            <tr key={field}>
              <th scope="row">{labels[field] ?? field}</th>
              <td>
                <p className={classes.version}>{show(field, conflict.theirs[field])}</p>
                <Button variant="default" size="compact-sm" onClick={() => form.resolve(field, 'theirs')}>
                  {t('form.useTheirs')}
                </Button>
              </td>
              <td>
                <p className={classes.version}>{show(field, form.values[field])}</p>
                <Button variant="default" size="compact-sm" onClick={() => form.resolve(field, 'mine')}>
                  {t('form.useMine')}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
