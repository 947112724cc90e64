import { clockText, durationText, useSeconds } from './clock';

/** How long something lasts, going on by itself. */
export function Since({ at }: { readonly at: string | null }) {
  const now = useSeconds();
  if (at === null) return <span>—</span>;
  const passed = now - Date.parse(at) / 1000;
  return <time dateTime={durationText(passed)}>{clockText(passed)}</time>;
}

/** What is left until a moment; past it, how far it is over. */
export function Until({ at }: { readonly at: string }) {
  const left = Date.parse(at) / 1000 - useSeconds();
  return (
    <time dateTime={durationText(Math.abs(left))}>
      {left < 0 ? '+' : '−'}
      {clockText(Math.abs(left))}
    </time>
  );
}
