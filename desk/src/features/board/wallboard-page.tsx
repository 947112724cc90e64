import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { setLanguage, isLanguage } from '@/shared/i18n';
import { sessionStore, useCan, useSession, useSessionState } from '@/shared/session/session';
import { useSeconds } from './clock';
import type { Board } from './feed';
import { useLate } from './gap';
import { contactOf, shownState, type BoardQueue } from './model';
import { columnsFor, placeAt, slidesOf } from './rotation';
import { byTrouble } from './trouble';
import { useBoard } from './use-board';
import { Tile, WallTotals } from './wall-tile';
import classes from './wallboard.module.css';

/** Dark on whatever screen; the person's own theme comes back when the page is left. */
function useDark(): void {
  useEffect(() => {
    const root = document.documentElement;
    const before = root.getAttribute('data-mantine-color-scheme');
    root.setAttribute('data-mantine-color-scheme', 'dark');
    return () => root.setAttribute('data-mantine-color-scheme', before ?? 'light');
  }, []);
}

/** A screen on the wall must not go to sleep; browsers give the lock back when the page is hidden. */
function useAwake(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | null = null;
    const ask = () => {
      if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
      navigator.wakeLock.request('screen').then(
        (held) => (lock = held),
        () => undefined, // refused on battery; the screen's own settings count then
      );
    };
    ask();
    document.addEventListener('visibilitychange', ask);
    return () => {
      document.removeEventListener('visibilitychange', ask);
      void lock?.release();
    };
  }, []);
}

export function WallboardPage() {
  const { t } = useTranslation('board');
  const { person } = useSession();
  const ended = useSessionState().status === 'ended';
  const can = useCan();
  const { board, link } = useBoard(sessionStore.project());
  const late = useLate(link.lostSince);
  useDark();
  useAwake();
  useEffect(() => {
    document.title = `${t('wallboard')} · Centrala`;
    if (isLanguage(person.language)) void setLanguage(person.language);
  }, [t, person.language]);
  if (!can('board.read') || link.phase === 'refused') return <Message text={t('gap.refused')} />;
  if (ended) return <Message text={t('wall.ended')} link={t('wall.signIn')} />;
  return (
    <main className={classes.wall}>
      {board === null ? <Message text={late ? t('wall.lost') : t('wall.connecting')} /> : <Slides board={board} late={late} />}
    </main>
  );
}

function Message({ text, link }: { readonly text: string; readonly link?: string }) {
  return (
    <div className={classes.message} role="status">
      <h1>{text}</h1>
      {link !== undefined && <a href="/sign-in?next=/wallboard">{link}</a>}
    </div>
  );
}

/** Arrow keys turn by hand, space stops the turning, F fills the screen. */
function useTurning(): { readonly shift: number; readonly stopped: number | null } {
  const [state, setState] = useState<{ shift: number; stopped: number | null }>({ shift: 0, stopped: null });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step !== undefined) setState((before) => ({ ...before, shift: before.shift + step }));
      else if (event.key === ' ') setState((before) => ({ ...before, stopped: before.stopped === null ? Date.now() / 1000 : null }));
      else if (event.key === 'f' && document.fullscreenElement === null) void document.documentElement.requestFullscreen().catch(() => undefined);
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return state;
}

function Slides({ board, late }: { readonly board: Board; readonly late: boolean }) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const { projects } = useSession();
  const now = useSeconds();
  const { shift, stopped } = useTurning();
  const nameOf = (id: string) => projects.find((one) => one.id === id)?.name ?? '';
  const slides = slidesOf(board.queues.values(), nameOf, format.compare);
  const place = placeAt(stopped ?? now, slides.length, shift);
  const slide = slides[place];
  if (slide === undefined) return <Message text={t('noQueue')} />;
  const queues = byTrouble(slide.queues, now, format.compare);
  return (
    <>
      <header className={classes.head}>
        <h1 className={classes.title}>{nameOf(slide.project_id)}</h1>
        {slides.length > 1 && (
          <span className={classes.turn}>
            {place + 1} / {slides.length}
            {stopped === null ? '' : ` · ${t('wall.stopped')}`}
          </span>
        )}
        <WallTotals queues={queues} counts={countsOf(board, slide.queues)} />
        <span className={classes.clock}>{format.time(new Date(now * 1000))}</span>
      </header>
      {late && (
        <p className={classes.late} role="alert">
          {t('wall.lost')}
        </p>
      )}
      <section aria-label={t('queues')} className={classes.grid} style={{ '--columns': columnsFor(queues.length, RATIO) } as React.CSSProperties}>
        {queues.map((one) => (
          <Tile key={one.id} queue={one} />
        ))}
      </section>
    </>
  );
}

const RATIO = 16 / 8.2; // of what the head leaves of a screen of 16 : 9

/** Operators of these queues, each once, by what they do. */
function countsOf(board: Board, queues: readonly BoardQueue[]): Readonly<Record<'ready' | 'talking' | 'wrap_up' | 'break', number>> {
  const own = new Set(queues.map((one) => one.id));
  const counts = { ready: 0, talking: 0, wrap_up: 0, break: 0 };
  for (const one of board.operators.values()) {
    if (!one.queues.some((id) => own.has(id)) && !own.has(contactOf(one)?.queue_id ?? '')) continue;
    const shown = shownState(one);
    if (shown in counts) counts[shown as keyof typeof counts] += 1;
    else if (shown === 'ringing') counts.talking += 1;
  }
  return counts;
}
