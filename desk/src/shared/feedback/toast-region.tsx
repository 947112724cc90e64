import { IconAlertTriangle, IconCheck, IconInfoCircle, IconX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { toast, useToasts, type Toast } from './toasts';
import classes from './feedback.module.css';

const SHORT_MS = 5_000;
/** Long enough to read, think and reach the button; it stops while the pointer or the focus rests on it. */
const LONG_MS = 12_000;

const icons = { done: IconCheck, error: IconAlertTriangle, info: IconInfoCircle } as const;

export function ToastRegion() {
  const { t } = useTranslation();
  const toasts = useToasts();
  const undoable = toasts.some((one) => one.action !== null);
  useShortcut(undoable ? { keys: 'alt+u', label: t('undo'), group: 'general', run: toast.act } : null);
  return (
    <div className={classes.toasts}>
      <div role="status" aria-live="polite">
        {toasts.filter((one) => one.kind !== 'error').map((one) => <ToastCard key={one.id} one={one} />)}
      </div>
      <div role="alert">
        {toasts.filter((one) => one.kind === 'error').map((one) => <ToastCard key={one.id} one={one} />)}
      </div>
    </div>
  );
}

function ToastCard({ one }: { readonly one: Toast }) {
  const { t } = useTranslation();
  const [held, setHeld] = useState(false);
  const lasting = one.action !== null || one.kind === 'error' ? LONG_MS : SHORT_MS;
  useEffect(() => {
    if (held) return undefined;
    const timer = window.setTimeout(() => toast.dismiss(one.id), lasting);
    return () => window.clearTimeout(timer);
  }, [held, lasting, one.id]);
  const Icon = icons[one.kind];
  const run = one.action?.run;
  return (
    // Pointing at it or tabbing into it only stops the clock.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      className={classes.toast}
      data-kind={one.kind}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon size={16} aria-hidden className={classes.toastIcon} />
      <span className={classes.toastText}>{one.text}</span>
      {run !== undefined && (
        <button
          type="button"
          className={classes.toastAction}
          aria-keyshortcuts="Alt+U"
          onClick={() => {
            toast.dismiss(one.id);
            run();
          }}
        >
          {one.action?.label}
        </button>
      )}
      <button type="button" className={classes.toastClose} aria-label={t('close')} onClick={() => toast.dismiss(one.id)}>
        <IconX size={14} aria-hidden />
      </button>
    </div>
  );
}
