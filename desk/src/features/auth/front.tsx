import { SegmentedLanguage } from './segmented-language';
import { useEffect, type ReactNode } from 'react';
import classes from './auth.module.css';

interface FrontProps {
  readonly title: string;
  readonly text?: string;
  readonly children: ReactNode;
}

/** The frame of the pages before sign-in. */
export function Front({ title, text, children }: FrontProps) {
  useEffect(() => {
    document.title = `${title} · Centrala`;
  }, [title]);
  return (
    <main className={classes.front}>
      <div className={classes.card}>
        <div className={classes.brand}>
          <img src="/icon.svg" width={30} height={30} alt="" />
          <span>Centrala</span>
        </div>
        <h1 className={classes.title}>{title}</h1>
        {text !== undefined && <p className={classes.text}>{text}</p>}
        {children}
      </div>
      <SegmentedLanguage />
    </main>
  );
}
