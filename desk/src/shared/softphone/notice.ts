import { useEffect } from 'react';

/** The browser's own notification and the page's title, while the desk is in the background. */
export function useNotice(id: string | null, text: string, tag: string): void {
  useEffect(() => {
    if (id === null) return undefined;
    const title = document.title;
    document.title = text;
    const may = document.hidden && 'Notification' in window && Notification.permission === 'granted';
    const notice = may ? new Notification(text, { tag, requireInteraction: true, silent: true }) : null;
    notice?.addEventListener('click', () => {
      window.focus();
      notice.close();
    });
    return () => {
      notice?.close();
      if (document.title === text) document.title = title;
    };
  }, [id, text, tag]);
}
