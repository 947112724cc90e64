import './styles';
import { createRoot } from 'react-dom/client';
import { App } from '@/app/app';
import { loadSession } from '@/shared/session/load';
import { firstLanguage, startTranslations } from '@/shared/i18n';

// After an update of the server the parts of the old desk are gone: take the new one. Drafts survive the reload.
const RELOADED_KEY = 'centrala.reloaded-at';
const RELOAD_PAUSE_MS = 30_000;
window.addEventListener('vite:preloadError', (event) => {
  const last = Number(sessionStorage.getItem(RELOADED_KEY) ?? 0);
  if (Date.now() - last < RELOAD_PAUSE_MS) return;
  event.preventDefault();
  sessionStorage.setItem(RELOADED_KEY, String(Date.now()));
  window.location.reload();
});

async function start(): Promise<void> {
  // Nothing of this waits for the other: texts, session, and the shell that a signed-in person will need.
  if (!/^\/(sign-in|setup)/.test(window.location.pathname)) {
    void loadSession().catch(() => undefined);
    void import('@/app/shell/shell');
  }
  await startTranslations(firstLanguage());
  const root = document.getElementById('root');
  if (root !== null) createRoot(root).render(<App />);
}

void start();
