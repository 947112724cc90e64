import './styles';
import { createRoot } from 'react-dom/client';
import { App } from '@/app/app';
import { firstLanguage, startTranslations } from '@/shared/i18n';

async function start(): Promise<void> {
  await startTranslations(firstLanguage());
  const root = document.getElementById('root');
  if (root !== null) createRoot(root).render(<App />);
}

void start();
