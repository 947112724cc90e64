import { useMantineColorScheme } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Outlet, useMatches, useNavigate, useRouterState } from '@tanstack/react-router';
import { Suspense, lazy, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isLanguage, setLanguage } from '@/shared/i18n';
import { live, useWatch } from '@/shared/live/live';
import { refreshSession } from '@/shared/session/load';
import { sessionStore, useCan, useProject, useSession, useSessionState } from '@/shared/session/session';
import { listenForShortcuts, useShortcut } from '@/shared/shortcuts/shortcuts';
import { useSlow } from '@/shared/ui/bits';
import { ForbiddenPage } from '../error-pages';
import { NAV, type NavItem } from '../nav';
import { CallBar } from './call-bar';
import { LiveBanner } from './live-banner';
import { Navigation } from './navigation';
import classes from './shell.module.css';

const Palette = lazy(async () => ({ default: (await import('./palette')).Palette }));
const ShortcutHelp = lazy(async () => ({ default: (await import('./shortcut-help')).ShortcutHelp }));
const SessionEnded = lazy(async () => ({ default: (await import('./session-ended')).SessionEnded }));
const ForcedPassword = lazy(async () => ({ default: (await import('@/features/me/forced-password')).ForcedPassword }));

const REFRESH_PAUSE_MS = 300;

/** Starts the feed with the session, and refreshes the lists of a topic when something in it changed. */
function useLiveFeed(): void {
  const client = useQueryClient();
  const { status } = useSessionState();
  const project = useProject();
  useWatch('projects');
  // Another project is another feed; an ended session keeps what was seen until somebody has signed in again.
  useEffect(() => () => live.stop(), [project]);
  useEffect(() => {
    if (status === 'open') live.start();
  }, [status, project]);
  useEffect(() => {
    const waiting = new Set<string>();
    return live.onChange((topic, id) => {
      // A snapshot fills the cards; lists were read by themselves a moment ago.
      if (id === null || waiting.has(topic)) return;
      waiting.add(topic);
      window.setTimeout(() => {
        waiting.delete(topic);
        void client.invalidateQueries({ queryKey: [topic] });
        // A new project, or other projects for this person: the switcher and the rights follow.
        if (topic === 'projects' || id === sessionStore.get().session?.person.id) void refreshSession();
      }, REFRESH_PAUSE_MS);
    });
  }, [client]);
}

/** The page speaks and looks as the person has chosen, on whatever machine. */
function usePersonalSettings(): void {
  const { person } = useSession();
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const scheme = person.theme === 'system' ? 'auto' : person.theme;
  useEffect(() => setColorScheme(scheme), [scheme, setColorScheme]);
  useEffect(() => {
    if (isLanguage(person.language)) void setLanguage(person.language);
  }, [person.language]);
}

/** After a change of page the reading starts at its heading. */
function useFocusOnPage(): void {
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  const first = useRef(true);
  useEffect(() => {
    if (path === undefined) return;
    // A page that wants its first field typed into has taken the focus already.
    const taken = document.activeElement instanceof HTMLInputElement;
    if (!first.current && !taken) document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
    first.current = false;
  }, [path]);
}

function GoShortcut({ item }: { readonly item: NavItem }) {
  const { t } = useTranslation(['app', 'common']);
  const navigate = useNavigate();
  useShortcut({ keys: item.keys, label: t(`nav.${item.id}`), group: 'go', run: () => void navigate({ to: item.to }) });
  return null;
}

export function Shell() {
  const { t } = useTranslation(['app', 'common']);
  const can = useCan();
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  useLiveFeed();
  usePersonalSettings();
  useFocusOnPage();
  useEffect(listenForShortcuts, []);
  useShortcut({ keys: 'mod+k', label: t('palette.open'), group: 'general', run: () => setPalette(true) });
  useShortcut({ keys: '?', label: t('keys.title'), group: 'general', run: () => setHelp(true) });
  const slow = useSlow(useRouterState({ select: (state) => state.status === 'pending' }));
  const needed = useMatches().findLast((match) => match.staticData.permission !== undefined)?.staticData.permission;
  const ended = useSessionState().status === 'ended';
  const forced = useSession().person.must_change_password;
  const allowed = forced ? [] : NAV.filter((item) => item.permission === null || can(item.permission));
  return (
    <div className={classes.shell}>
      <a href="#main" className={classes.skip}>
        {t('skip')}
      </a>
      <div className={classes.loading} data-on={slow} aria-hidden />
      <Navigation items={allowed} openPalette={() => setPalette(true)} />
      <main id="main" className={classes.main} tabIndex={-1}>
        <LiveBanner />
        <Suspense>{forced ? <ForcedPassword /> : needed === undefined || can(needed) ? <Outlet /> : <ForbiddenPage />}</Suspense>
      </main>
      <CallBar openHelp={() => setHelp(true)} />
      {allowed.map((item) => (
        <GoShortcut key={item.id} item={item} />
      ))}
      <Suspense>
        {palette && <Palette items={allowed} close={() => setPalette(false)} />}
        {help && <ShortcutHelp close={() => setHelp(false)} />}
        {ended && <SessionEnded />}
      </Suspense>
    </div>
  );
}
