import { useFormat } from '@/shared/i18n/format';
import classes from './calls.module.css';

interface Shown {
  readonly at: string;
  readonly transport: string;
  readonly direction: string;
  readonly local: string;
  readonly remote: string;
  readonly first_line: string;
  readonly text: string;
}

/** A SIP message as it was sent: when, from where to where, and its text. */
export function MessageText({ message }: { readonly message: Shown }) {
  const format = useFormat();
  const { local, remote } = message;
  return (
    <>
      <p>
        <time dateTime={message.at}>{format.exact(message.at)}</time> · {message.transport} · {message.direction === 'in' ? `${remote} → ${local}` : `${local} → ${remote}`}
      </p>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard */}
      <pre className={classes.message} tabIndex={0} role="region" aria-label={message.first_line}>
        {message.text}
      </pre>
    </>
  );
}
