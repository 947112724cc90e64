import type { ReactNode } from 'react';
import { useEffect } from 'react';
import classes from './ui.module.css';

interface PageProps {
  readonly title: string;
  /** Where this page stands, as a link. */
  readonly crumb?: ReactNode;
  readonly beside?: ReactNode;
  readonly actions?: ReactNode;
  /** Lists bring their own padding. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}

export function Page({ title, crumb, beside, actions, flush = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Centrala`;
  }, [title]);
  return (
    <div className={classes.page}>
      <header className={classes.pageHeader}>
        {crumb !== undefined && <span className={classes.crumb}>{crumb}</span>}
        <h1 className={classes.pageTitle} tabIndex={-1}>
          {title}
        </h1>
        {beside}
        {actions !== undefined && <div className={classes.pageActions}>{actions}</div>}
      </header>
      {flush ? children : <div className={classes.pageBody}>{children}</div>}
    </div>
  );
}

interface SectionProps {
  readonly title: string;
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function Section({ title, note, actions, children }: SectionProps) {
  return (
    <section className={classes.section} aria-label={title}>
      <div className={classes.sectionHead}>
        <h2 className={classes.sectionTitle}>{title}</h2>
        {actions !== undefined && <div className={classes.sectionActions}>{actions}</div>}
        {note !== undefined && <p className={classes.sectionNote}>{note}</p>}
      </div>
      {children}
    </section>
  );
}

export function Panel({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={classes.panel} aria-label={title}>
      <h2 className={classes.panelTitle}>{title}</h2>
      {children}
    </section>
  );
}
